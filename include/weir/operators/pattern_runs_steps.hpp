// SPDX-License-Identifier: Apache-2.0
// How runs go on, end and are ruled out: the functions of pattern_runs.
#pragma once
#include <weir/operators/pattern_runs.hpp>

namespace weir::detail {

template <class Record>
template <class Conditions>
void pattern_runs<Record>::take(pattern_work& work, const Conditions& conditions, const Record& record,
                                timestamp time) {
    const pattern_image& image = *conditions.image();
    if (buckets_.size() != image.waits.size()) fit(image);
    event_conditions<Conditions, Record> on{conditions, image, record, events_, given_up_ > 0, work.answers};
    ++number_;
    event_ = nothing;
    work.fresh.clear();
    work.looked_at.clear();
    for (const std::uint32_t wait : open_) take_bucket(work, on, wait, time);
    begin_runs(work, on, time);
    for (const auto& each : work.fresh) {
        link(image.waits[each.wait].limit > duration::zero(), each.node, each.wait, each.group);
    }
    std::sort(work.looked_at.begin(), work.looked_at.end());
    work.looked_at.erase(std::unique(work.looked_at.begin(), work.looked_at.end()), work.looked_at.end());
    for (const std::uint32_t each : work.looked_at) drop_group_if_empty(each);
    if (!work.looked_at.empty()) tidy_open();
}

template <class Record>
template <class Conditions>
void pattern_runs<Record>::take_bucket(pattern_work& work, event_conditions<Conditions, Record>& on,
                                       std::uint32_t wait, timestamp time) {
    const pattern_image::wait& its = on.image.waits[wait];
    const auto may_hold = [&](std::uint32_t condition) { return !on.never(condition); };
    // Nothing happens to any of them.
    const bool stays = its.gap != contiguity::strict &&
                       (its.target == pattern_image::end ? its.absent_first.empty()
                                                         : on.never(on.image.positions[its.target].condition)) &&
                       (its.ends == pattern_image::none || on.never(its.ends)) &&
                       std::none_of(its.absent.begin(), its.absent.end(), may_hold) &&
                       std::none_of(its.absent_first.begin(), its.absent_first.end(), may_hold) &&
                       std::none_of(its.possessed.begin(), its.possessed.end(),
                                    [&](const auto& each) { return may_hold(each.condition); });
    if (stays) return;
    for (std::uint32_t at = buckets_[wait].first; at != nothing;) {
        const std::uint32_t following = runs_[at].bucket_after;
        const run of = runs_[at];
        if (!take_one(work, on, of, time)) {
            unlink(at);
            work.looked_at.push_back(of.group);
        }
        at = following;
    }
}

// Whether the run goes on waiting.
template <class Record>
template <class Conditions>
bool pattern_runs<Record>::take_one(pattern_work& work, event_conditions<Conditions, Record>& on, const run& of,
                                    timestamp time) {
    const pattern_image& image = on.image;
    const pattern_image::wait& its = image.waits[of.wait];
    const auto& last = events_.event_of(of.node);
    const auto holds = [&](std::uint32_t condition) { return on.holds(condition, of.node); };
    // Its time is up for this event; whether it is for all that come, the watermark says.
    if (due_of(image.within, groups_[of.group].start.time) <= time || due_of(its.limit, last.time) <= time) {
        return its.gap != contiguity::strict;
    }
    if (std::any_of(its.absent.begin(), its.absent.end(), holds)) return false;
    if (!its.absent_first.empty() && last.number + 1 == number_) {
        if (std::any_of(its.absent_first.begin(), its.absent_first.end(), holds)) return false;
        if (its.target == pattern_image::end && its.absent.empty()) {
            events_.retain(of.node);
            held_.push_back({groups_[of.group].start, of.node, of.wait});
            return false;
        }
    }
    if (is_possessed(on, its, of.node)) return false;
    if (its.target == pattern_image::end) return true;
    if (its.ends != pattern_image::none && holds(its.ends)) return false;
    const pattern_image::position& there = image.positions[its.target];
    const bool meets = holds(there.condition);
    if (meets && (there.until == pattern_image::none || !holds(there.until))) {
        extend(work, image, on.event, time, of.node, of.wait, of.group);
    }
    return its.gap == contiguity::any || (its.gap == contiguity::relaxed && !meets);
}

template <class Record>
template <class Conditions>
void pattern_runs<Record>::begin_runs(pattern_work& work, event_conditions<Conditions, Record>& on,
                                      timestamp time) {
    std::uint32_t its_group = nothing;
    for (std::uint32_t wait = 0; wait < on.image.starts; ++wait) {
        const pattern_image::position& there = on.image.positions[on.image.waits[wait].target];
        if (!on.holds(there.condition, nothing)) continue;
        // It belongs to an optional loop before.
        if (is_possessed(on, on.image.waits[wait], nothing)) continue;
        if (there.until != pattern_image::none && on.holds(there.until, nothing)) continue;
        if (its_group == nothing) its_group = add_group({time, number_});
        extend(work, on.image, on.event, time, nothing, wait, its_group);
    }
    if (its_group != nothing) work.looked_at.push_back(its_group);
}

// The event is taken: what follows is waited for, each by a run of its own.
template <class Record>
void pattern_runs<Record>::extend(pattern_work& work, const pattern_image& image, const Record& record,
                                  timestamp time, std::uint32_t before, std::uint32_t wait, std::uint32_t group) {
    const std::uint32_t node = events_.add_node(present_event(record, time), before, wait);
    const pattern_image::position& there = image.positions[image.waits[wait].target];
    for (std::uint32_t next = there.first_wait; next < there.end_wait; ++next) {
        events_.retain(node);
        if (image.waits[next].completes()) {
            held_.push_back({groups_[group].start, node, next});
        } else {
            work.fresh.push_back({node, next, group});
        }
    }
    events_.release(node);
}

template <class Record>
void pattern_runs<Record>::expire(pattern_work& work, const pattern_image& image, timestamp now) {
    if (buckets_.size() != image.waits.size()) fit(image);
    work.timed_out.clear();
    while (first_group_ != nothing && due_of(image.within, groups_[first_group_].start.time) <= now) {
        time_out_group(work, image);
    }
    for (const std::uint32_t wait : open_) {
        const duration limit = image.waits[wait].limit;
        if (limit == duration::zero()) continue;
        // They stand in the order of their last events.
        for (std::uint32_t at = buckets_[wait].first;
             at != nothing && due_of(limit, events_.event_of(runs_[at].node).time) <= now;
             at = buckets_[wait].first) {
            const std::uint32_t its_group = runs_[at].group;
            remove_expired(work, image, at);
            drop_group_if_empty(its_group);
        }
    }
    tidy_open();
}

template <class Record>
timestamp pattern_runs<Record>::next_expiry(const pattern_image& image) const {
    timestamp next = time_highest;
    if (first_group_ != nothing) next = due_of(image.within, groups_[first_group_].start.time);
    for (const std::uint32_t wait : open_) {
        if (image.waits[wait].limit == duration::zero() || buckets_[wait].first == nothing) continue;
        const auto& last = events_.event_of(runs_[buckets_[wait].first].node);
        next = std::min(next, due_of(image.waits[wait].limit, last.time));
    }
    return next;
}

template <class Record>
template <class Report>
void pattern_runs<Record>::report_matches(pattern_work& work, const pattern_image& image, Report&& report) {
    if (held_.empty()) return;
    if (held_.size() > 1) {
        std::sort(held_.begin(), held_.end(),
                  [&](const ended& left, const ended& right) { return comes_before(work, left, right); });
    }
    if (image.skip == skip_kind::none) {
        for (const ended& each : held_) {
            report(each.node);
            events_.release(each.node);
        }
        held_.clear();
        return;
    }
    while (!held_.empty()) {
        const ended match = held_.front();
        if (first_group_ != nothing && groups_[first_group_].start < match.start) break;
        held_.erase(held_.begin());
        report(match.node);
        const pattern_start floor = floor_after(image, match);
        events_.release(match.node);
        rule_out_below(floor);
    }
}

template <class Record>
template <class Report>
void pattern_runs<Record>::report_timed_out(pattern_work& work, Report&& report) {
    std::sort(work.timed_out.begin(), work.timed_out.end(),
              [&](const ended& left, const ended& right) { return comes_before(work, left, right); });
    for (const ended& each : work.timed_out) {
        report(each.node);
        events_.release(each.node);
    }
    work.timed_out.clear();
}

template <class Record>
pattern_start pattern_runs<Record>::floor_after(const pattern_image& image, const ended& match) const {
    const auto behind = [](pattern_start start) { return pattern_start{start.time, start.number + 1}; };
    const auto start_of = [&](std::uint32_t node) {
        return pattern_start{events_.event_of(node).time, events_.event_of(node).number};
    };
    if (image.skip == skip_kind::to_next) return behind(match.start);
    if (image.skip == skip_kind::past_last) return behind(start_of(match.node));
    std::uint32_t found = nothing;
    for (std::uint32_t at = match.node; at != nothing; at = events_[at].before) {
        if (image.positions[image.waits[events_[at].wait].target].stage != image.skip_stage) continue;
        found = at;
        if (image.skip == skip_kind::to_last) break;
    }
    if (image.must_go_on && (found == nothing || start_of(found) == match.start)) {
        throw error(error_kind::user, found == nothing
                                          ? "match: a match has nothing of the stage that it should skip to"
                                          : "match: a match should skip to its own start: it would be found again");
    }
    return found == nothing ? pattern_start{time_lowest, 0} : start_of(found);
}

template <class Record>
void pattern_runs<Record>::rule_out_below(pattern_start floor) {
    while (first_group_ != nothing && groups_[first_group_].start < floor) rule_out_group();
    std::size_t ruled_out = 0;
    while (ruled_out < held_.size() && held_[ruled_out].start < floor) events_.release(held_[ruled_out++].node);
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(ruled_out));
    tidy_open();
}

template <class Record>
void pattern_runs<Record>::keep_at_most(std::size_t most) {
    if (live_ <= most) return;
    while (live_ > most) {
        const std::size_t before = live_;
        rule_out_group();
        given_up_ += before - live_;
    }
    tidy_open();
}

template <class Record>
void pattern_runs<Record>::way_to(std::uint32_t node, std::vector<std::uint32_t>& way) const {
    way.clear();
    for (std::uint32_t at = node; at != nothing; at = events_[at].before) way.push_back(at);
    std::reverse(way.begin(), way.end());
}

template <class Record>
bool pattern_runs<Record>::comes_before(pattern_work& work, const ended& left, const ended& right) const {
    if (left.start != right.start) return left.start < right.start;
    way_to(left.node, work.left_way);
    way_to(right.node, work.right_way);
    // Waits behind one position stand in the order of preference; the last one is the one by which it ended.
    const auto wait_at = [&](const std::vector<std::uint32_t>& way, const ended& of, std::size_t i) {
        return i < way.size() ? events_[way[i]].wait : of.wait;
    };
    for (std::size_t i = 0; i <= work.left_way.size() && i <= work.right_way.size(); ++i) {
        const std::uint32_t one = wait_at(work.left_way, left, i);
        const std::uint32_t other = wait_at(work.right_way, right, i);
        if (one != other) return one < other;
        if (i == work.left_way.size() || i == work.right_way.size()) break;
        const std::uint64_t first = events_.event_of(work.left_way[i]).number;
        const std::uint64_t second = events_.event_of(work.right_way[i]).number;
        if (first != second) return first < second;
    }
    return false;
}

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// How runs go on, end and are ruled out: functions of pattern_runs.
#pragma once
#include <weir/operators/pattern_runs.hpp>

namespace weir::detail {

template <class Record>
template <class Conditions>
void pattern_runs<Record>::take(pattern_key& key, const Conditions& conditions, const Record& record, timestamp time) {
    event_conditions<Conditions, Record> on{conditions, image_, record, events_, key.given_up > 0, answers_};
    ++key.number;
    event_ = nothing;
    fresh_.clear();
    looked_at_.clear();
    for (std::uint32_t at = key.first_bucket; at != nothing; at = buckets_[at].after) take_bucket(key, on, at, time);
    begin_runs(key, on, time);
    for (const fresh_run& each : fresh_) link(key, each.node, each.wait, each.group);
    if (looked_at_.size() > 1) {
        std::sort(looked_at_.begin(), looked_at_.end());
        looked_at_.erase(std::unique(looked_at_.begin(), looked_at_.end()), looked_at_.end());
    }
    for (const std::uint32_t each : looked_at_) drop_group_if_empty(key, each);
    tidy_buckets(key);
}

template <class Record>
template <class Conditions>
bool pattern_runs<Record>::may_begin(const Conditions& conditions, const Record& record) const {
    for (std::uint32_t wait = 0; wait < image_.starts; ++wait) {
        if (conditions.template holds<Record>(image_.positions[image_.waits[wait].target].condition, record)) {
            return true;
        }
    }
    return false;
}

// Whatever the runs that wait for this have taken.
template <class Record>
template <class Conditions>
bool pattern_runs<Record>::nothing_happens(event_conditions<Conditions, Record>& on,
                                           const pattern_image::wait& its) const {
    if (its.gap == contiguity::strict) return false;
    const auto never = [&](std::uint32_t condition) { return on.never(condition); };
    if (its.target != pattern_image::end ? !never(image_.positions[its.target].condition)
                                         : !its.absent_first.empty()) {
        return false;
    }
    return (its.ends == pattern_image::none || never(its.ends)) &&
           std::all_of(its.absent.begin(), its.absent.end(), never) &&
           std::all_of(its.absent_first.begin(), its.absent_first.end(), never) &&
           std::all_of(its.possessed.begin(), its.possessed.end(),
                       [&](const auto& each) { return never(each.condition); });
}

template <class Record>
template <class Conditions>
void pattern_runs<Record>::take_bucket(pattern_key& key, event_conditions<Conditions, Record>& on,
                                       std::uint32_t its_bucket, timestamp time) {
    if (nothing_happens(on, image_.waits[buckets_[its_bucket].wait])) return;
    for (std::uint32_t at = buckets_[its_bucket].first; at != nothing;) {
        const run of = runs_[at];
        if (!take_one(key, on, of, time)) {
            unlink(key, its_bucket, at);
            looked_at_.push_back(of.group);
        }
        at = of.bucket_after;
    }
}

// Whether the run goes on waiting.
template <class Record>
template <class Conditions>
bool pattern_runs<Record>::take_one(const pattern_key& key, event_conditions<Conditions, Record>& on, const run& of,
                                    timestamp time) {
    const pattern_image::wait& its = image_.waits[of.wait];
    const auto& last = events_.event_of(of.node);
    const pattern_start start = groups_[of.group].start;
    const auto holds = [&](std::uint32_t condition) { return on.holds(condition, of.node); };
    // Its time is up for this event; whether it is for all that come, the watermark says.
    if (due_of(image_.within, start.time) <= time || due_of(its.limit, last.time) <= time) {
        return its.gap != contiguity::strict;
    }
    if (std::any_of(its.absent.begin(), its.absent.end(), holds)) return false;
    // Before what completes it: a loop that gives nothing away does not end where it could go on.
    if (is_possessed(on, its, of.node)) return false;
    if (!its.absent_first.empty() && last.number + 1 == key.number) {
        if (std::any_of(its.absent_first.begin(), its.absent_first.end(), holds)) return false;
        if (its.target == pattern_image::end && its.absent.empty()) {
            events_.retain(of.node);
            found_.push_back({start, of.node, of.wait});
            return false;
        }
    }
    if (its.target == pattern_image::end) return true;
    if (its.ends != pattern_image::none && holds(its.ends)) return false;
    const pattern_image::position& there = image_.positions[its.target];
    const bool meets = holds(there.condition);
    if (meets && (there.until == pattern_image::none || !holds(there.until))) {
        extend(key, on.event, time, of.node, of.wait, of.group);
    }
    return its.gap == contiguity::any || (its.gap == contiguity::relaxed && !meets);
}

// The event belongs to a loop that gives nothing away.
template <class Record>
template <class Conditions>
bool pattern_runs<Record>::is_possessed(event_conditions<Conditions, Record>& on, const pattern_image::wait& its,
                                        std::uint32_t node) {
    return std::any_of(its.possessed.begin(), its.possessed.end(), [&](const auto& each) {
        return on.holds(each.condition, node) && (each.unless == pattern_image::none || !on.holds(each.unless, node));
    });
}

template <class Record>
template <class Conditions>
void pattern_runs<Record>::begin_runs(pattern_key& key, event_conditions<Conditions, Record>& on, timestamp time) {
    std::uint32_t its_group = nothing;
    for (std::uint32_t wait = 0; wait < image_.starts; ++wait) {
        const pattern_image::position& there = image_.positions[image_.waits[wait].target];
        if (!on.holds(there.condition, nothing)) continue;
        // It belongs to an optional loop before.
        if (is_possessed(on, image_.waits[wait], nothing)) continue;
        if (there.until != pattern_image::none && on.holds(there.until, nothing)) continue;
        if (its_group == nothing) its_group = add_group(key, {time, key.number});
        extend(key, on.event, time, nothing, wait, its_group);
    }
    if (its_group != nothing) looked_at_.push_back(its_group);
}

// The event is taken: what follows is waited for, each by a run of its own.
template <class Record>
void pattern_runs<Record>::extend(const pattern_key& key, const Record& record, timestamp time, std::uint32_t before,
                                  std::uint32_t wait, std::uint32_t its_group) {
    if (event_ == nothing) event_ = events_.add_event(record, time, key.number);
    const std::uint32_t node = events_.add_node(event_, before, wait);
    const pattern_image::position& there = image_.positions[image_.waits[wait].target];
    for (std::uint32_t next = there.first_wait; next < there.end_wait; ++next) {
        events_.retain(node);
        if (image_.waits[next].completes()) {
            found_.push_back({groups_[its_group].start, node, next});
        } else {
            fresh_.push_back({node, next, its_group});
        }
    }
    events_.release(node);
}

template <class Record>
void pattern_runs<Record>::expire(pattern_key& key, timestamp now) {
    timed_out_.clear();
    while (key.first_group != nothing && due_of(image_.within, groups_[key.first_group].start.time) <= now) {
        time_out_first_group(key);
    }
    for (std::uint32_t at = key.first_bucket; at != nothing; at = buckets_[at].after) {
        const duration limit = image_.waits[buckets_[at].wait].limit;
        if (limit == duration::zero()) continue;
        // They stand in the order of their last events.
        for (std::uint32_t first = buckets_[at].first;
             first != nothing && due_of(limit, events_.event_of(runs_[first].node).time) <= now;
             first = buckets_[at].first) {
            const std::uint32_t its_group = runs_[first].group;
            remove_expired(key, first);
            drop_group_if_empty(key, its_group);
        }
    }
    tidy_buckets(key);
}

template <class Record>
timestamp pattern_runs<Record>::next_due(const pattern_key& key) const {
    timestamp next = time_highest;
    if (key.first_pending != nothing) next = pending_[key.first_pending].time;
    if (key.first_group != nothing) {
        next = std::min(next, due_of(image_.within, groups_[key.first_group].start.time));
    }
    for (std::uint32_t at = key.first_bucket; at != nothing; at = buckets_[at].after) {
        const duration limit = image_.waits[buckets_[at].wait].limit;
        if (limit == duration::zero() || buckets_[at].first == nothing) continue;
        next = std::min(next, due_of(limit, events_.event_of(runs_[buckets_[at].first].node).time));
    }
    return next;
}

template <class Record>
template <class Report>
void pattern_runs<Record>::report_matches(pattern_key& key, Report&& report) {
    if (image_.skip == skip_kind::none) {
        sort_ends(found_);
        for (const pattern_end& each : found_) {
            report(chain(key, each.node));
            events_.release(each.node);
        }
        found_.clear();
        return;
    }
    if (found_.empty() && key.first_held == nothing) return;
    take_held(key);
    sort_ends(found_);
    pattern_start floor{time_lowest, 0};
    std::size_t next = 0;
    for (; next < found_.size(); ++next) {
        const pattern_end match = found_[next];
        if (match.start >= floor) {
            if (key.first_group != nothing && groups_[key.first_group].start < match.start) break;
            report(chain(key, match.node));
            floor = std::max(floor, floor_after(match));
            while (key.first_group != nothing && groups_[key.first_group].start < floor) rule_out_first_group(key);
        }
        events_.release(match.node);
    }
    tidy_buckets(key);
    hold(key, next);
    found_.clear();
}

template <class Record>
template <class Report>
void pattern_runs<Record>::report_timed_out(const pattern_key& key, Report&& report) {
    sort_ends(timed_out_);
    for (const pattern_end& each : timed_out_) {
        report(chain(key, each.node));
        events_.release(each.node);
    }
    timed_out_.clear();
}

template <class Record>
pattern_start pattern_runs<Record>::floor_after(const pattern_end& match) const {
    const auto behind = [](pattern_start start) { return pattern_start{start.time, start.number + 1}; };
    const auto start_of = [&](std::uint32_t node) {
        return pattern_start{events_.event_of(node).time, events_.event_of(node).number};
    };
    if (image_.skip == skip_kind::to_next) return behind(match.start);
    if (image_.skip == skip_kind::past_last) return behind(start_of(match.node));
    std::uint32_t found = nothing;
    for (std::uint32_t at = match.node; at != nothing; at = events_[at].before) {
        if (image_.positions[image_.waits[events_[at].wait].target].stage != image_.skip_stage) continue;
        found = at;
        if (image_.skip == skip_kind::to_last) break;
    }
    if (image_.must_go_on && (found == nothing || start_of(found) == match.start)) {
        throw error(error_kind::user, found == nothing
                                          ? "match: a match has nothing of the stage that it should skip to"
                                          : "match: a match should skip to its own start: it would be found again");
    }
    return found == nothing ? pattern_start{time_lowest, 0} : start_of(found);
}

template <class Record>
void pattern_runs<Record>::keep_at_most(pattern_key& key, std::size_t most) {
    if (key.runs <= most) return;
    while (key.runs > most) {
        const std::uint32_t before = key.runs;
        rule_out_first_group(key);
        key.given_up += before - key.runs;
    }
    tidy_buckets(key);
}

template <class Record>
void pattern_runs<Record>::way_to(std::uint32_t node, std::vector<std::uint32_t>& way) const {
    way.clear();
    for (std::uint32_t at = node; at != nothing; at = events_[at].before) way.push_back(at);
    std::reverse(way.begin(), way.end());
}

template <class Record>
bool pattern_runs<Record>::comes_before(const pattern_end& left, const pattern_end& right) const {
    if (left.start != right.start) return left.start < right.start;
    way_to(left.node, left_way_);
    way_to(right.node, right_way_);
    // Waits behind one position stand in the order of preference; the last one is the one by which it ended.
    const auto wait_at = [&](const std::vector<std::uint32_t>& way, const pattern_end& of, std::size_t i) {
        return i < way.size() ? events_[way[i]].wait : of.wait;
    };
    for (std::size_t i = 0; i <= left_way_.size() && i <= right_way_.size(); ++i) {
        const std::uint32_t one = wait_at(left_way_, left, i);
        const std::uint32_t other = wait_at(right_way_, right, i);
        if (one != other) return one < other;
        if (i == left_way_.size() || i == right_way_.size()) break;
        const std::uint64_t first = events_.event_of(left_way_[i]).number;
        const std::uint64_t second = events_.event_of(right_way_[i]).number;
        if (first != second) return first < second;
    }
    return false;
}

}  // namespace weir::detail

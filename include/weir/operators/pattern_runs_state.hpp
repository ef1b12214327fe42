// SPDX-License-Identifier: Apache-2.0
// How runs are kept, and written down: the functions of pattern_runs.
#pragma once
#include <weir/operators/pattern_runs.hpp>

namespace weir::detail {

template <class Record>
void pattern_runs<Record>::link(bool ordered, std::uint32_t node, std::uint32_t wait, std::uint32_t group) {
    std::uint32_t at = static_cast<std::uint32_t>(runs_.size());
    if (free_runs_.empty()) {
        runs_.emplace_back();
    } else {
        at = free_runs_.back();
        free_runs_.pop_back();
    }
    bucket& to = buckets_[wait];
    // Where time is limited from the last event on, runs stand in the order of these.
    std::uint32_t before = to.last;
    if (ordered) {
        const timestamp last = events_.event_of(node).time;
        while (before != nothing && events_.event_of(runs_[before].node).time > last) {
            before = runs_[before].bucket_before;
        }
    }
    const std::uint32_t after = before == nothing ? to.first : runs_[before].bucket_after;
    runs_[at] = {node, wait, group, before, after, groups_[group].last, nothing};
    (before == nothing ? to.first : runs_[before].bucket_after) = at;
    (after == nothing ? to.last : runs_[after].bucket_before) = at;
    if (before == nothing && after == nothing) {
        // It may be open still, if the present event has emptied it.
        const auto place = std::lower_bound(open_.begin(), open_.end(), wait);
        if (place == open_.end() || *place != wait) open_.insert(place, wait);
    }
    group_type& its_group = groups_[group];
    (its_group.last == nothing ? its_group.first : runs_[its_group.last].group_after) = at;
    its_group.last = at;
    ++events_[node].waiting;
    ++live_;
}

template <class Record>
void pattern_runs<Record>::unlink(std::uint32_t at) {
    const run gone = runs_[at];
    bucket& from = buckets_[gone.wait];
    (gone.bucket_before == nothing ? from.first : runs_[gone.bucket_before].bucket_after) = gone.bucket_after;
    (gone.bucket_after == nothing ? from.last : runs_[gone.bucket_after].bucket_before) = gone.bucket_before;
    group_type& its_group = groups_[gone.group];
    (gone.group_before == nothing ? its_group.first : runs_[gone.group_before].group_after) = gone.group_after;
    (gone.group_after == nothing ? its_group.last : runs_[gone.group_after].group_before) = gone.group_before;
    free_runs_.push_back(at);
    --live_;
    --events_[gone.node].waiting;
    events_.release(gone.node);
}

template <class Record>
std::uint32_t pattern_runs<Record>::add_group(pattern_start start) {
    std::uint32_t made = static_cast<std::uint32_t>(groups_.size());
    if (free_groups_.empty()) {
        groups_.emplace_back();
    } else {
        made = free_groups_.back();
        free_groups_.pop_back();
    }
    std::uint32_t before = last_group_;
    while (before != nothing && groups_[before].start > start) before = groups_[before].before;
    const std::uint32_t after = before == nothing ? first_group_ : groups_[before].after;
    groups_[made] = {start, nothing, nothing, before, after};
    (before == nothing ? first_group_ : groups_[before].after) = made;
    (after == nothing ? last_group_ : groups_[after].before) = made;
    return made;
}

template <class Record>
void pattern_runs<Record>::drop_group_if_empty(std::uint32_t at) {
    const group_type gone = groups_[at];
    if (gone.first != nothing) return;
    (gone.before == nothing ? first_group_ : groups_[gone.before].after) = gone.after;
    (gone.after == nothing ? last_group_ : groups_[gone.after].before) = gone.before;
    free_groups_.push_back(at);
}

template <class Record>
void pattern_runs<Record>::time_out_group(pattern_work& work, const pattern_image& image) {
    const std::uint32_t its_group = first_group_;
    while (groups_[its_group].first != nothing) remove_expired(work, image, groups_[its_group].first);
    drop_group_if_empty(its_group);
}

template <class Record>
void pattern_runs<Record>::rule_out_group() {
    const std::uint32_t its_group = first_group_;
    while (groups_[its_group].first != nothing) unlink(groups_[its_group].first);
    drop_group_if_empty(its_group);
    tidy_open();
}

// A match if that was all it waited for; else, when nothing of what it had taken waits any more, a run that timed out.
template <class Record>
void pattern_runs<Record>::remove_expired(pattern_work& work, const pattern_image& image, std::uint32_t at) {
    const run gone = runs_[at];
    const ended its{groups_[gone.group].start, gone.node, gone.wait};
    const bool complete = image.waits[gone.wait].target == pattern_image::end && !image.waits[gone.wait].absent.empty();
    const bool last = events_[gone.node].waiting == 1;
    if (complete) {
        events_.retain(gone.node);
        held_.push_back(its);
        events_[gone.node].completed = true;
    } else if (last && !events_[gone.node].completed) {
        events_.retain(gone.node);
        work.timed_out.push_back(its);
    }
    unlink(at);
}

template <class Record>
void pattern_runs<Record>::clear() {
    events_.clear();
    runs_.clear();
    free_runs_.clear();
    groups_.clear();
    free_groups_.clear();
    first_group_ = last_group_ = nothing;
    std::fill(buckets_.begin(), buckets_.end(), bucket{});
    open_.clear();
    held_.clear();
    waiting_.clear();
    next_waiting_ = 0;
    number_ = given_up_ = live_ = 0;
    wakes_at = time_highest;
}

// Events and nodes as they are first needed by runs, groups in order, and by matches that are held; each node behind
// the one before it.
template <class Record>
template <class Writer>
void pattern_runs<Record>::save(Writer& writer) const {
    pattern_numbering numbers;
    const auto number = [&](std::uint32_t node) { numbers.add(events_, node); };
    std::uint64_t group_count = 0;
    for (std::uint32_t at = first_group_; at != nothing; at = groups_[at].after) {
        ++group_count;
        for (std::uint32_t one = groups_[at].first; one != nothing; one = runs_[one].group_after) {
            number(runs_[one].node);
        }
    }
    for (const ended& each : held_) number(each.node);
    weir::save(writer, number_);
    weir::save(writer, given_up_);
    weir::save(writer, wakes_at);
    writer.write_count(numbers.events.size());
    for (const std::uint32_t each : numbers.events) {
        const auto& its = events_.event_at(each);
        weir::save(writer, its.record);
        weir::save(writer, its.time);
        weir::save(writer, its.number);
    }
    writer.write_count(numbers.nodes.size());
    for (const std::uint32_t each : numbers.nodes) {
        weir::save(writer, numbers.event_numbers.at(events_[each].event));
        weir::save(writer, events_[each].before == nothing ? nothing : numbers.node_numbers.at(events_[each].before));
        weir::save(writer, events_[each].wait);
    }
    writer.write_count(group_count);
    for (std::uint32_t at = first_group_; at != nothing; at = groups_[at].after) {
        weir::save(writer, groups_[at].start.time);
        weir::save(writer, groups_[at].start.number);
        std::uint64_t run_count = 0;
        for (std::uint32_t one = groups_[at].first; one != nothing; one = runs_[one].group_after) ++run_count;
        writer.write_count(run_count);
        for (std::uint32_t one = groups_[at].first; one != nothing; one = runs_[one].group_after) {
            weir::save(writer, numbers.node_numbers.at(runs_[one].node));
            weir::save(writer, runs_[one].wait);
        }
    }
    writer.write_count(held_.size());
    for (const ended& each : held_) {
        weir::save(writer, each.start.time);
        weir::save(writer, each.start.number);
        weir::save(writer, numbers.node_numbers.at(each.node));
        weir::save(writer, each.wait);
    }
    writer.write_count(waiting_.size() - next_waiting_);
    for (std::size_t i = next_waiting_; i < waiting_.size(); ++i) {
        weir::save(writer, waiting_[i].time);
        weir::save(writer, waiting_[i].record);
    }
}

template <class Record>
void pattern_runs<Record>::fit(const pattern_image& image) {
    if (buckets_.size() > image.waits.size()) {
        throw error(error_kind::state, "the snapshot holds runs of another pattern");
    }
    buckets_.resize(image.waits.size());
}

// Runs come back by their groups: all are put in order in their buckets, whether that matters or not.
template <class Record>
template <class Reader>
void pattern_runs<Record>::load(Reader& reader) {
    clear();
    constexpr std::size_t most_waits = 1U << 16U;
    const auto below = [](std::uint32_t number, std::size_t limit) {
        if (number >= limit) throw error(error_kind::state, "the snapshot is damaged: a run of a pattern is wrong");
        return number;
    };
    weir::load(reader, number_);
    weir::load(reader, given_up_);
    weir::load(reader, wakes_at);
    const auto event_count = reader.read_count();
    for (std::uint64_t i = 0; i < event_count; ++i) {
        const auto record = weir::load<Record>(reader);
        const auto time = weir::load<timestamp>(reader);
        static_cast<void>(events_.add_event(record, time, weir::load<std::uint64_t>(reader)));
    }
    const auto node_count = reader.read_count();
    std::uint32_t highest_wait = 0;
    for (std::uint32_t i = 0; i < node_count; ++i) {
        const auto its_event = below(weir::load<std::uint32_t>(reader), event_count);
        const auto before = weir::load<std::uint32_t>(reader);
        const auto wait = below(weir::load<std::uint32_t>(reader), most_waits);
        highest_wait = std::max(highest_wait, wait);
        static_cast<void>(events_.add_node(its_event, before == nothing ? nothing : below(before, i), wait));
    }
    buckets_.assign(highest_wait + 1, {});
    for (auto groups = reader.read_count(); groups > 0; --groups) {
        const auto start = weir::load<timestamp>(reader);
        const std::uint32_t its_group = add_group({start, weir::load<std::uint64_t>(reader)});
        for (auto runs = reader.read_count(); runs > 0; --runs) {
            const auto node = below(weir::load<std::uint32_t>(reader), node_count);
            const auto wait = below(weir::load<std::uint32_t>(reader), most_waits);
            if (wait >= buckets_.size()) buckets_.resize(wait + 1);
            events_.retain(node);
            link(true, node, wait, its_group);
        }
    }
    for (auto held = reader.read_count(); held > 0; --held) {
        const auto start = weir::load<timestamp>(reader);
        const auto start_number = weir::load<std::uint64_t>(reader);
        const auto node = below(weir::load<std::uint32_t>(reader), node_count);
        events_.retain(node);
        held_.push_back({{start, start_number}, node, weir::load<std::uint32_t>(reader)});
    }
    for (auto waiting = reader.read_count(); waiting > 0; --waiting) {
        const auto time = weir::load<timestamp>(reader);
        waiting_.push_back({time, weir::load<Record>(reader)});
    }
    // The uses that the nodes were made with.
    for (std::uint32_t i = static_cast<std::uint32_t>(node_count); i > 0; --i) events_.release(i - 1);
}

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// How runs are kept, and written down: functions of pattern_runs.
#pragma once
#include <boost/unordered/unordered_flat_map.hpp>

#include <weir/operators/pattern_runs.hpp>

namespace weir::detail {

template <class Record>
void pattern_runs<Record>::wait_for_time(pattern_key& key, const Record& record, timestamp time) {
    const std::uint32_t at = pending_.take();
    std::uint32_t before = key.last_pending;
    while (before != nothing && pending_[before].time > time) before = pending_[before].before;
    const std::uint32_t after = before == nothing ? key.first_pending : pending_[before].after;
    pending& added = pending_[at];
    added.record = record;
    added.time = time;
    added.before = before;
    added.after = after;
    (before == nothing ? key.first_pending : pending_[before].after) = at;
    (after == nothing ? key.last_pending : pending_[after].before) = at;
}

template <class Record>
template <class Take>
void pattern_runs<Record>::take_pending(pattern_key& key, timestamp now, Take&& take) {
    while (key.first_pending != nothing && pending_[key.first_pending].time <= now) {
        const std::uint32_t at = key.first_pending;
        take(std::as_const(pending_[at].record), pending_[at].time);
        key.first_pending = pending_[at].after;
        (key.first_pending == nothing ? key.last_pending : pending_[key.first_pending].before) = nothing;
        if constexpr (!std::is_trivially_destructible_v<Record>) pending_[at].record = Record{};
        pending_.give_back(at);
    }
}

template <class Record>
std::uint32_t pattern_runs<Record>::bucket_of(const pattern_key& key, std::uint32_t wait) const {
    std::uint32_t at = key.first_bucket;
    while (buckets_[at].wait != wait) at = buckets_[at].after;
    return at;
}

template <class Record>
std::uint32_t pattern_runs<Record>::open_bucket(pattern_key& key, std::uint32_t wait) {
    std::uint32_t before = nothing;
    std::uint32_t at = key.first_bucket;
    for (; at != nothing && buckets_[at].wait < wait; at = buckets_[at].after) before = at;
    if (at != nothing && buckets_[at].wait == wait) return at;
    const std::uint32_t made = buckets_.take();
    buckets_[made] = {wait, nothing, nothing, at};
    (before == nothing ? key.first_bucket : buckets_[before].after) = made;
    return made;
}

template <class Record>
void pattern_runs<Record>::close_empty_buckets(pattern_key& key) {
    std::uint32_t before = nothing;
    for (std::uint32_t at = key.first_bucket; at != nothing;) {
        const bucket of = buckets_[at];
        if (of.first == nothing) {
            (before == nothing ? key.first_bucket : buckets_[before].after) = of.after;
            buckets_.give_back(at);
        } else {
            before = at;
        }
        at = of.after;
    }
}

template <class Record>
void pattern_runs<Record>::link(pattern_key& key, std::uint32_t node, std::uint32_t wait, std::uint32_t its_group) {
    const std::uint32_t at = runs_.take();
    bucket& to = buckets_[open_bucket(key, wait)];
    // Where time is limited from the last event on, runs stand in the order of these.
    std::uint32_t before = to.last;
    if (image_.waits[wait].limit > duration::zero()) {
        const timestamp last = events_.event_of(node).time;
        while (before != nothing && events_.event_of(runs_[before].node).time > last) {
            before = runs_[before].bucket_before;
        }
    }
    const std::uint32_t after = before == nothing ? to.first : runs_[before].bucket_after;
    group& of = groups_[its_group];
    runs_[at] = {node, wait, its_group, before, after, of.last, nothing};
    (before == nothing ? to.first : runs_[before].bucket_after) = at;
    (after == nothing ? to.last : runs_[after].bucket_before) = at;
    (of.last == nothing ? of.first : runs_[of.last].group_after) = at;
    of.last = at;
    ++events_[node].waiting;
    ++key.runs;
}

template <class Record>
void pattern_runs<Record>::unlink(pattern_key& key, std::uint32_t its_bucket, std::uint32_t at) {
    const run gone = runs_[at];
    bucket& from = buckets_[its_bucket];
    (gone.bucket_before == nothing ? from.first : runs_[gone.bucket_before].bucket_after) = gone.bucket_after;
    (gone.bucket_after == nothing ? from.last : runs_[gone.bucket_after].bucket_before) = gone.bucket_before;
    group& of = groups_[gone.group];
    (gone.group_before == nothing ? of.first : runs_[gone.group_before].group_after) = gone.group_after;
    (gone.group_after == nothing ? of.last : runs_[gone.group_after].group_before) = gone.group_before;
    runs_.give_back(at);
    --key.runs;
    --events_[gone.node].waiting;
    events_.release(gone.node);
}

template <class Record>
std::uint32_t pattern_runs<Record>::add_group(pattern_key& key, pattern_start start) {
    const std::uint32_t made = groups_.take();
    std::uint32_t before = key.last_group;
    while (before != nothing && groups_[before].start > start) before = groups_[before].before;
    const std::uint32_t after = before == nothing ? key.first_group : groups_[before].after;
    groups_[made] = {start, nothing, nothing, before, after};
    (before == nothing ? key.first_group : groups_[before].after) = made;
    (after == nothing ? key.last_group : groups_[after].before) = made;
    return made;
}

template <class Record>
void pattern_runs<Record>::drop_group_if_empty(pattern_key& key, std::uint32_t at) {
    const group gone = groups_[at];
    if (gone.first != nothing) return;
    (gone.before == nothing ? key.first_group : groups_[gone.before].after) = gone.after;
    (gone.after == nothing ? key.last_group : groups_[gone.after].before) = gone.before;
    groups_.give_back(at);
}

template <class Record>
void pattern_runs<Record>::time_out_first_group(pattern_key& key) {
    const std::uint32_t first = key.first_group;
    while (groups_[first].first != nothing) remove_expired(key, groups_[first].first);
    drop_group_if_empty(key, first);
}

template <class Record>
void pattern_runs<Record>::rule_out_first_group(pattern_key& key) {
    const std::uint32_t first = key.first_group;
    while (groups_[first].first != nothing) unlink(key, groups_[first].first);
    drop_group_if_empty(key, first);
}

// A match if that was all it waited for; else, when nothing of what it had taken waits any more, a run that timed out.
template <class Record>
void pattern_runs<Record>::remove_expired(pattern_key& key, std::uint32_t at) {
    const run gone = runs_[at];
    const pattern_end its{groups_[gone.group].start, gone.node, gone.wait};
    const pattern_image::wait& awaited = image_.waits[gone.wait];
    if (awaited.target == pattern_image::end && !awaited.absent.empty()) {
        events_.retain(gone.node);
        found_.push_back(its);
        events_[gone.node].completed = true;
    } else if (events_[gone.node].waiting == 1 && !events_[gone.node].completed) {
        events_.retain(gone.node);
        timed_out_.push_back(its);
    }
    unlink(key, at);
}

template <class Record>
void pattern_runs<Record>::take_held(pattern_key& key) {
    while (key.first_held != nothing) {
        const held each = held_[key.first_held];
        found_.push_back(each.match);
        held_.give_back(key.first_held);
        key.first_held = each.after;
    }
}

template <class Record>
void pattern_runs<Record>::hold(pattern_key& key, std::size_t from) {
    for (std::size_t i = found_.size(); i > from; --i) {
        const std::uint32_t at = held_.take();
        held_[at] = {found_[i - 1], key.first_held};
        key.first_held = at;
    }
}

// Nodes and events of a key in the order in which they are written down: each node behind the one before it.
struct pattern_numbering {
    std::vector<std::uint32_t> nodes{}, events{};
    boost::unordered_flat_map<std::uint32_t, std::uint32_t> node_numbers{}, event_numbers{};

    template <class Events> void add(const Events& all, std::uint32_t node) {
        way_.clear();
        for (; node != pattern_key::nothing && !node_numbers.contains(node); node = all[node].before) {
            way_.push_back(node);
        }
        for (; !way_.empty(); way_.pop_back()) {
            const std::uint32_t next = way_.back();
            const std::uint32_t its_event = all[next].event;
            if (event_numbers.try_emplace(its_event, static_cast<std::uint32_t>(events.size())).second) {
                events.push_back(its_event);
            }
            node_numbers.emplace(next, static_cast<std::uint32_t>(nodes.size()));
            nodes.push_back(next);
        }
    }

  private:
    std::vector<std::uint32_t> way_{};
};

template <class Record>
template <class Writer>
void pattern_runs<Record>::save(const pattern_key& key, Writer& writer) const {
    pattern_numbering numbers;
    std::uint64_t group_count = 0;
    for (std::uint32_t at = key.first_group; at != nothing; at = groups_[at].after) {
        ++group_count;
        for (std::uint32_t one = groups_[at].first; one != nothing; one = runs_[one].group_after) {
            numbers.add(events_, runs_[one].node);
        }
    }
    std::uint64_t held_count = 0;
    for (std::uint32_t at = key.first_held; at != nothing; at = held_[at].after) {
        ++held_count;
        numbers.add(events_, held_[at].match.node);
    }
    weir::save(writer, key.number);
    weir::save(writer, key.given_up);
    weir::save(writer, key.wakes_at);
    writer.write_count(numbers.events.size());
    for (const std::uint32_t each : numbers.events) {
        const auto& its = events_.event_at(each);
        weir::save(writer, its.record);
        weir::save(writer, its.time);
        weir::save(writer, its.number);
    }
    writer.write_count(numbers.nodes.size());
    for (const std::uint32_t each : numbers.nodes) {
        const std::uint32_t before = events_[each].before;
        weir::save(writer, numbers.event_numbers.at(events_[each].event));
        weir::save(writer, before == nothing ? nothing : numbers.node_numbers.at(before));
        weir::save(writer, events_[each].wait);
    }
    const auto save_start = [&](pattern_start start) {
        weir::save(writer, start.time);
        weir::save(writer, start.number);
    };
    writer.write_count(group_count);
    for (std::uint32_t at = key.first_group; at != nothing; at = groups_[at].after) {
        save_start(groups_[at].start);
        std::uint64_t run_count = 0;
        for (std::uint32_t one = groups_[at].first; one != nothing; one = runs_[one].group_after) ++run_count;
        writer.write_count(run_count);
        for (std::uint32_t one = groups_[at].first; one != nothing; one = runs_[one].group_after) {
            weir::save(writer, numbers.node_numbers.at(runs_[one].node));
            weir::save(writer, runs_[one].wait);
        }
    }
    writer.write_count(held_count);
    for (std::uint32_t at = key.first_held; at != nothing; at = held_[at].after) {
        save_start(held_[at].match.start);
        weir::save(writer, numbers.node_numbers.at(held_[at].match.node));
        weir::save(writer, held_[at].match.wait);
    }
    std::uint64_t pending_count = 0;
    for (std::uint32_t at = key.first_pending; at != nothing; at = pending_[at].after) ++pending_count;
    writer.write_count(pending_count);
    for (std::uint32_t at = key.first_pending; at != nothing; at = pending_[at].after) {
        weir::save(writer, pending_[at].time);
        weir::save(writer, pending_[at].record);
    }
}

template <class Record>
template <class Reader>
void pattern_runs<Record>::load(pattern_key& key, Reader& reader) {
    const auto below = [](std::uint32_t number, std::size_t limit) {
        if (number >= limit) {
            throw error(error_kind::state, "the snapshot holds runs of another pattern, or is damaged");
        }
        return number;
    };
    const auto load_number = [&](std::size_t limit) { return below(weir::load<std::uint32_t>(reader), limit); };
    const auto load_start = [&] {
        const auto time = weir::load<timestamp>(reader);
        return pattern_start{time, weir::load<std::uint64_t>(reader)};
    };
    weir::load(reader, key.number);
    weir::load(reader, key.given_up);
    weir::load(reader, key.wakes_at);
    std::vector<std::uint32_t> events, nodes;
    for (auto count = reader.read_count(); count > 0; --count) {
        const auto record = weir::load<Record>(reader);
        const auto time = weir::load<timestamp>(reader);
        events.push_back(events_.add_event(record, time, weir::load<std::uint64_t>(reader)));
    }
    for (auto count = reader.read_count(); count > 0; --count) {
        const std::uint32_t its_event = events[load_number(events.size())];
        const auto before = weir::load<std::uint32_t>(reader);
        const std::uint32_t wait = load_number(image_.waits.size());
        static_cast<void>(below(image_.waits[wait].target, image_.positions.size()));
        nodes.push_back(events_.add_node(its_event, before == nothing ? nothing : nodes[below(before, nodes.size())],
                                         wait));
    }
    for (auto count = reader.read_count(); count > 0; --count) {
        const std::uint32_t its_group = add_group(key, load_start());
        for (auto runs = reader.read_count(); runs > 0; --runs) {
            const std::uint32_t node = nodes[load_number(nodes.size())];
            const std::uint32_t wait = load_number(image_.waits.size());
            events_.retain(node);
            link(key, node, wait, its_group);
        }
        drop_group_if_empty(key, its_group);
    }
    found_.clear();
    for (auto count = reader.read_count(); count > 0; --count) {
        const pattern_start start = load_start();
        const std::uint32_t node = nodes[load_number(nodes.size())];
        events_.retain(node);
        found_.push_back({start, node, load_number(image_.waits.size())});
    }
    hold(key, 0);
    found_.clear();
    for (auto count = reader.read_count(); count > 0; --count) {
        const auto time = weir::load<timestamp>(reader);
        wait_for_time(key, weir::load<Record>(reader), time);
    }
    // The uses that the nodes were made with.
    for (const std::uint32_t each : nodes) events_.release(each);
}

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// How the state of windows is written and read back.
//
// A window that fires changes every key: panes go, and totals move on. An entry of a key would have to be written again
// for each; but what a fire does to a key follows from the key's panes and from what has fired. So an entry is written
// when a record has touched its key, and whoever reads it does to it what has fired since, which the stage's own image
// says: how far windows have fired, and which panes have gone. A key that is left without panes has an entry until it
// goes from the store, which is when the next window has fired.
#pragma once
#include <algorithm>
#include <utility>

#include <weir/operators/window_stage.hpp>
#include <weir/record/schema.hpp>
#include <weir/state/save_entries.hpp>
#include <weir/windows/rolling_lengths.hpp>

namespace weir::detail {

template <class Key, class Record, class Row, class KeyFunction, class... As>
void window_stage<Key, Record, Row, KeyFunction, As...>::require_undamaged(bool holds) {
    if (!holds) throw error(error_kind::state, "the snapshot is damaged: a key's windows do not fit together");
}

template <class Key, class Record, class Row, class KeyFunction, class... As>
bool window_stage<Key, Record, Row, KeyFunction, As...>::could_be_pane(timestamp start,
                                                                       timestamp first_end) const noexcept {
    return is_within_time(start) && align_down(start, pane_, pane_offset_) == start &&
           first_end >= first_end_above(start, grid_) &&
           first_end <= last_end_holding(start, grid_) &&
           align_down(first_end - grid_.size, grid_.slide, grid_.offset) == first_end - grid_.size;
}

template <class Key, class Record, class Row, class KeyFunction, class... As>
void window_stage<Key, Record, Row, KeyFunction, As...>::save_panes(binary_writer& writer,
                                                                    const panes_type& panes) const {
    save(writer, std::uint64_t{panes.size()});
    for_each_pane(panes, [&](std::uint32_t which, const state_type& state) {
        save(writer, live_[which].start);
        save(writer, live_[which].first_end);
        save(writer, state);
    });
}

template <class Key, class Record, class Row, class KeyFunction, class... As>
std::string window_stage<Key, Record, Row, KeyFunction, As...>::schema() const {
    std::string states;
    const auto add = [&](const auto& aggregate) {
        states += (states.empty() ? "" : ",") + word_in_tag(aggregate.name()) + ":" + tag_of_state(aggregate);
    };
    std::apply([&](const As&... each) { (add(each), ...); }, aggregates_.all);
    std::string grid = grid_.tumbling() ? "tumbling " : "sliding " + length_text(grid_.size) + " ";
    grid += length_text(grid_.slide);
    if (grid_.offset > duration::zero()) grid += " offset " + length_text(grid_.offset);
    if (grid_.lateness > duration::zero()) grid += " late " + length_text(grid_.lateness);
    return "struct{key:" + tag_if_known<Key>() + ",window:" + grid + ",states:struct{" + states + "}}";
}

// The panes of a key, or null if all of them have gone.
template <class Key, class Record, class Row, class KeyFunction, class... As>
auto window_stage<Key, Record, Row, KeyFunction, As...>::load_panes(const Key& key, binary_reader& reader,
                                                                    const shard_past& then) -> panes_type* {
    panes_type* panes = nullptr;
    std::pair last{time_lowest, time_lowest};
    auto count = load<std::uint64_t>(reader);
    require_undamaged(count != 0);
    for (; count > 0; --count) {
        const auto start = load<timestamp>(reader);
        const auto first_end = load<timestamp>(reader);
        require_undamaged(std::pair{start, first_end} > std::exchange(last, {start, first_end}) &&
                          could_be_pane(start, first_end));
        state_type state = aggregates_.create();
        load(reader, state);
        if (start < then.kept_from) continue;
        if (panes == nullptr) {
            panes = &store_.put_back(key, key_hash(key), [] { return panes_type{}; }).value;
            require_undamaged(panes->empty());  // else the key is there twice
        }
        const bool partial = first_end != first_end_above(start, grid_);
        insert(*panes, live_.number_of(start, first_end, partial), std::move(state));
    }
    return panes;
}

// Of panes that have just been read: the total of those that windows up to `said_through` hold.
template <class Key, class Record, class Row, class KeyFunction, class... As>
void window_stage<Key, Record, Row, KeyFunction, As...>::begin_total_of(panes_type& panes, timestamp said_through) {
    if constexpr (set_type::takes_back) {
        state_type total = aggregates_.create();
        bool any = false;
        for_each_pane(panes, [&](std::uint32_t which, const state_type& state) {
            if (live_[which].first_end > said_through) return;
            any = true;
            aggregates_.merge(total, state);
        });
        if (any) panes.begin_total(std::move(total), rings_);
    }
}

// How far windows have fired; of some shards further than that.
template <class Key, class Record, class Row, class KeyFunction, class... As>
void window_stage<Key, Record, Row, KeyFunction, As...>::save_said(binary_writer& writer) const {
    save(writer, fired_through_);
    save(writer, kept_from_);
    const bool some_further = !pasts_.empty() && said_by_some_ > fired_through_;
    save(writer, some_further);
    if (!some_further) return;
    for (const shard_past& each : pasts_) save(writer, std::max(each.said_through, fired_through_));
}

// Of a former instance: it counts for the shards that this one has, too.
template <class Key, class Record, class Row, class KeyFunction, class... As>
void window_stage<Key, Record, Row, KeyFunction, As...>::load_said(binary_reader& reader,
                                                                   const keyed_instance& former) {
    shard_past then;
    load(reader, then.said_through);
    load(reader, then.kept_from);
    const bool some_further = load<bool>(reader);
    pasts_.resize(shard_count);
    for (unsigned shard = 0; shard < shard_count; ++shard) {
        const auto said = some_further ? load<timestamp>(reader) : then.said_through;
        if (!former.has(shard) || !instance_.has(shard)) continue;
        pasts_[shard] = {said, then.kept_from};
        said_by_some_ = std::max(said_by_some_, pasts_[shard].said_through);
    }
    if (!instance_.follows(former)) return;
    fired_through_ = has_read_said_ ? std::min(fired_through_, then.said_through) : then.said_through;
    kept_from_ = has_read_said_ ? std::min(kept_from_, then.kept_from) : then.kept_from;
    has_read_said_ = true;
}

template <class Key, class Record, class Row, class KeyFunction, class... As>
void window_stage<Key, Record, Row, KeyFunction, As...>::save_shard(unsigned shard, binary_writer& writer) const {
    if constexpr (stored) {
        std::uint64_t count = 0;
        store_.for_each_of_shard(shard, [&](const auto& each) { count += each.value.empty() ? 0U : 1U; });
        save(writer, count);
        store_.for_each_of_shard(shard, [&](const auto& each) {
            if (each.value.empty()) return;
            save(writer, each.key);
            save_panes(writer, each.value);
            save(writer, each.value.has_total());
            if (each.value.has_total()) save(writer, each.value.total());
        });
        if (shard == 0) {
            save_said(writer);
            counts.save(writer);
        }
    } else {
        throw error(error_kind::state, cannot_be_stored);
    }
}

template <class Key, class Record, class Row, class KeyFunction, class... As>
void window_stage<Key, Record, Row, KeyFunction, As...>::load_shard(unsigned shard, binary_reader& reader) {
    if constexpr (stored) {
        for (auto keys = load<std::uint64_t>(reader); keys > 0; --keys) {
            panes_type* const panes = load_panes(load<Key>(reader), reader, shard_past{});
            if (!load<bool>(reader)) continue;
            require_undamaged(runs_totals_);
            load(reader, panes->begin_total(aggregates_.create(), rings_));
        }
        if (shard == 0) {
            load_said(reader, instance_);
            counts.load(reader);
        }
        next_end_ = next_end();
    }
}

template <class Key, class Record, class Row, class KeyFunction, class... As>
void window_stage<Key, Record, Row, KeyFunction, As...>::save_changes(state_batch& to, bool all) {
    if constexpr (stored) {
        to.put_image(0, [&](binary_writer& writer) {
            instance_.save_counts(writer, counts);
            save_said(writer);
        });
        save_entries(store_, to, all, [](const auto& each) { return !each.value.empty(); },
                     [this](binary_writer& writer, const auto& each) { save_panes(writer, each.value); },
                     [](const auto& each) { each.value.prefetch(); });
    } else {
        throw error(error_kind::state, cannot_be_stored);
    }
}

template <class Key, class Record, class Row, class KeyFunction, class... As>
void window_stage<Key, Record, Row, KeyFunction, As...>::load_entry(unsigned shard, binary_reader& key,
                                                                    binary_reader& value) {
    if constexpr (stored) {
        if (key.at_end()) {
            const keyed_instance former = instance_.load_counts(value, counts);
            load_said(value, former);
        } else {
            require_undamaged(shard < pasts_.size());  // the image came before
            panes_type* const panes = load_panes(load<Key>(key), value, pasts_[shard]);
            if (panes != nullptr && runs_totals_) begin_total_of(*panes, pasts_[shard].said_through);
            next_end_ = next_end();
        }
        key.expect_end();
        value.expect_end();
    }
}

}  // namespace weir::detail

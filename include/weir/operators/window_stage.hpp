// SPDX-License-Identifier: Apache-2.0
// The running stage of aggregates over windows on a grid. Without allowed lateness, and with aggregates that commute,
// it takes records as they come: a pane knows which windows accept it, so it does not matter when windows fire.
#pragma once
#include <algorithm>

#include <weir/operators/keyed.hpp>
#include <weir/operators/window_panes.hpp>
#include <weir/operators/windowed.hpp>
#include <weir/state/keyed_store.hpp>
#include <weir/windows/grid.hpp>

namespace weir::detail {

template <class Record, class... As>
struct window_description {
    window_grid grid;
    aggregate_set<As...> aggregates;

    [[nodiscard]] bool order_sensitive() const {
        return grid.lateness > duration::zero() || (!(commutes<As> && ...) && !planted(planted_bug::added_on_arrival));
    }
    [[nodiscard]] bool reads_turns() const { return (needs_stamp<As, Record> || ...); }
    // Updates have their cause's turn.
    [[nodiscard]] bool results_follow_causes() const { return grid.lateness > duration::zero(); }
    [[nodiscard]] std::string text() const { return grid.text; }
};

template <class Key, class Record, class Row, class KeyFunction, class... As>
class window_stage final : public stage {
  public:
    static constexpr unsigned outlet_count = 2;
    using set_type = aggregate_set<As...>;
    using state_type = typename set_type::state_type;
    using panes_type = key_panes<state_type>;
    using description_type = window_description<Record, As...>;

    outlet<Row> out;
    outlet<Record> late;

    window_stage(const KeyFunction& key, const description_type& description, const stage_site&)
        : key_(key), grid_(description.grid), aggregates_(description.aggregates), pane_(grid_.pane()),
          runs_totals_(set_type::takes_back && !grid_.tumbling() && grid_.lateness == duration::zero()) {}

    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&out, &late}; }
    [[nodiscard]] bool keyed() const override { return true; }

    template <std::size_t, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        if constexpr (Chain::is_empty) {
            // With lateness a record can make windows fire, and keys go.
            if (end - begin > 1 && grid_.lateness == duration::zero() && !planted(planted_bug::early_firing)) {
                entry_type* found[store_type::together];
                for (; begin < end; begin += std::min(end - begin, store_type::together)) {
                    const std::size_t count = std::min(end - begin, store_type::together);
                    store_.look_ahead(
                        count, [&](std::size_t i) -> decltype(auto) { return key_(records[begin + i]); }, found);
                    for (std::size_t i = 0; i < count && !grid_.tumbling(); ++i) {
                        if (found[i] != nullptr) found[i]->value.prefetch();
                    }
                    take(records, begin, begin + count, steps, found);
                }
                return;
            }
        }
        take(records, begin, end, steps, nullptr);
    }

    void advance(const mark& progress) override {
        fire_below(progress.watermark);
        if (progress.ended()) drop_all();
        out.flush(&progress);
        late.flush(&progress);
    }
    [[nodiscard]] timestamp next_due() const override {
        return next_end_ == time_highest ? time_highest : next_end_ - one_tick;
    }

    void save_shard(unsigned shard, binary_writer& writer) const override;
    void load_shard(unsigned shard, binary_reader& reader) override;

  private:
    using store_type = keyed_store<Key, panes_type>;
    using entry_type = typename store_type::entry;
    using pane_type = typename panes_type::pane;

    // found: likely entries of the records' keys, or null.
    template <class U, class Chain>
    void take(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps, entry_type* const* found) {
        std::uint64_t accepted = 0;
        take_records(*this, records, begin, end, steps, [&](auto&& value, const stamp_view& at) {
            const timestamp time = at.time();
            const timestamp stamped =
                planted(planted_bug::late_by_merged_watermark) ? lowest_watermark() : at.watermark();
            if (grid_.lateness > duration::zero() || planted(planted_bug::early_firing)) fire_below(stamped);
            if (!(time >= pane_start_ && time < pane_end_)) choose_pane(time);
            const timestamp watermark = saturating_sub(stamped, grid_.lateness);
            if (pane_last_end_ <= watermark) [[unlikely]] {
                refuse(std::forward<decltype(value)>(value), stamp_view{at});
                return;
            }
            ++accepted;
            add(std::as_const(value), at, watermark, found == nullptr ? nullptr : found[at.index() - begin]);
        });
        counts.accepted += accepted;
    }

    void choose_pane(timestamp time) {
        pane_start_ = align_down(time, pane_);
        pane_end_ = saturating_add(pane_start_, pane_);
        pane_first_end_ = first_end_above(pane_start_, grid_);
        pane_last_end_ = last_end_holding(pane_start_, grid_);
        pane_number_ = live_panes::none;
    }
    template <class V> [[gnu::noinline]] void refuse(V&& value, const stamp_view& at) {
        ++counts.late;
        if (!late.to.empty()) late.push_same(std::forward<V>(value), at);
    }
    void add(const Record& record, const stamp_view& at, timestamp watermark, entry_type* likely) {
        const auto& key = key_(record);
        entry_type& each = likely != nullptr && likely->key == key
                               ? *likely
                               : store_.find_or_add(key, key_hash(key), [] { return panes_type{}; });
        std::uint32_t which = pane_number_;
        if (pane_first_end_ <= watermark) [[unlikely]] {
            which = live_.number_of(pane_start_, first_end_above(watermark, grid_), true);
        } else if (which == live_panes::none) {
            which = pane_number_ = live_.number_of(pane_start_, pane_first_end_, false);
        }
        pane_type* pane = each.value.find(which);
        if (pane == nullptr) pane = &begin_pane(each.value, which);
        aggregates_.add(pane->state, record, at);
        if (grid_.lateness > duration::zero()) update_fired(each, stamp_view{at});
    }
    [[gnu::noinline]] pane_type& begin_pane(panes_type& panes, std::uint32_t which) {
        if (live_[which].keys == 0 && pane_last_end_ > fired_through_) {
            next_end_ = std::min(next_end_, first_end_unfired(pane_start_));
        }
        return insert(panes, which, aggregates_.create());
    }
    pane_type& insert(panes_type& panes, std::uint32_t which, state_type&& state) {
        live_.take(which);
        std::uint32_t index = panes.size();
        while (index > 0 && live_.before(which, panes.data()[index - 1].number)) --index;
        return panes.insert(index, which, std::move(state), blocks_);
    }
    // The windows that hold the present pane, have fired, and still accept: each is said again, in order of time.
    void update_fired(const entry_type& each, const stamp_view& at) {
        std::uint32_t index = 0;
        const timestamp oldest = saturating_sub(at.watermark(), grid_.lateness);
        for (timestamp end = pane_first_end_; end <= pane_last_end_ && end <= at.watermark(); end += grid_.slide) {
            if (end <= oldest) continue;
            ++counts.updates;
            state_type merged = aggregates_.create();
            for (const pane_type& pane : each.value) {
                if (is_in_window(pane, end)) aggregates_.merge(merged, pane.state);
            }
            out.push_caused(row(each.key, end, merged), end - one_tick, at, index++);
        }
    }
    [[nodiscard]] Row row(const Key& key, timestamp end, const state_type& state) const {
        return make_row<Row>(key, end - grid_.size, end, aggregates_.results(state));
    }
    [[nodiscard]] bool is_in_window(const pane_type& pane, timestamp end) const noexcept {
        const live_panes::info& info = live_[pane.number];
        return info.start >= end - grid_.size && info.start < end && info.first_end <= end;
    }

    // Everything that ends up to `fired_through_` has been said. The smallest later end that may hold records:
    [[nodiscard]] timestamp next_end() const {
        const timestamp from = fired_through_ == time_lowest ? time_lowest : saturating_sub(fired_through_, grid_.size);
        const timestamp start =
            live_.first_start(from, [&](timestamp each) { return last_end_holding(each, grid_) > fired_through_; });
        return start == time_highest ? time_highest : first_end_unfired(start);
    }
    [[nodiscard]] timestamp first_end_unfired(timestamp pane_start) const {
        const timestamp first = first_end_above(pane_start, grid_);
        return first > fired_through_ ? first : first_end_above(fired_through_, grid_);
    }
    void fire_below(timestamp watermark) {
        if (watermark <= fired_through_) return;
        if (planted(planted_bug::skipped_window) && next_end_ < saturating_sub(watermark, grid_.slide)) {
            next_end_ += grid_.slide;
        }
        while (next_end_ != time_highest && next_end_ - one_tick < watermark) fire(next_end_);
        fired_through_ = watermark;
    }
    // A key that has said something stays for one more window: mostly it comes again.
    [[gnu::noinline]] void fire(timestamp end) {
        fired_through_ = end;
        // What no later window, and no late record of one that still accepts, will ask for.
        const timestamp keep = first_end_above(saturating_sub(end, grid_.lateness), grid_) - grid_.size;
        const auto visit = [&](entry_type& each) {
            if constexpr (set_type::takes_back) {
                if (runs_totals_) return slide(each, end, keep);
            }
            const bool said = emit_window(each, end);
            drop_before(each.value, 0, keep, [](const pane_type&) {});
            return said || !each.value.empty();
        };
        store_.retain(visit, [](const entry_type& each) { each.value.prefetch(); });
        pane_number_ = live_panes::none;
        next_end_ = next_end();
    }
    bool emit_window(const entry_type& each, timestamp end) {
        // One pane is its window's aggregate; more are merged.
        const pane_type* only = nullptr;
        unsigned count = 0;
        for (const pane_type& pane : each.value) {
            if (!is_in_window(pane, end)) continue;
            only = &pane;
            ++count;
        }
        if (count == 0) return false;
        if (count == 1) {
            emit(each, end, only->state);
        } else {
            state_type merged = aggregates_.create();
            for (const pane_type& pane : each.value) {
                if (is_in_window(pane, end)) aggregates_.merge(merged, pane.state);
            }
            emit(each, end, merged);
        }
        return true;
    }
    // The same with a total, in front of the panes, that panes join at the first end that accepts them, and leave. No
    // record comes to a pane that has joined: it would have been refused by that window, and gone to another pane.
    bool slide(entry_type& each, timestamp end, timestamp keep) {
        panes_type& panes = each.value;
        if (panes.empty()) return false;
        if (panes.begin()->number != live_panes::total) {
            const auto joins = [&](const pane_type& pane) { return live_[pane.number].first_end == end; };
            if (std::none_of(panes.begin(), panes.end(), joins)) return true;
            insert(panes, live_panes::total, aggregates_.create());
        }
        // Later panes have later ends, but for partial ones.
        pane_type* const total = panes.begin();
        for (pane_type* pane = panes.end(); --pane != total;) {
            const timestamp first_end = live_[pane->number].first_end;
            if (first_end == end) aggregates_.merge(total->state, pane->state);
            if (first_end < end && !live_.any_partial()) break;
        }
        emit(each, end, total->state);
        drop_before(panes, 1, keep,
                    [&](const pane_type& gone) { aggregates_.unmerge(panes.begin()->state, gone.state); });
        const auto has_joined = [&](const pane_type& pane) { return live_[pane.number].first_end <= end; };
        if (std::none_of(panes.begin() + 1, panes.end(), has_joined)) drop(panes, 0);
        return true;
    }
    void emit(const entry_type& each, timestamp end, const state_type& state) {
        ++counts.results;
        const timestamp due = end - one_tick;
        if constexpr (hashed_one_to_one<Key>) {
            out.push_triggered(row(each.key, end, state), due, each.hash, {}, 0);
        } else {
            out.push_triggered(row(each.key, end, state), due, each.hash,
                               out.wants_turn ? tie_words(each.key) : key_words{}, 0);
        }
    }
    // Drops the panes from `index` on that start before `start`.
    template <class Dropped>
    void drop_before(panes_type& panes, std::uint32_t index, timestamp start, Dropped&& dropped) {
        while (panes.size() > index && live_[panes.data()[index].number].start < start) {
            dropped(std::as_const(panes.data()[index]));
            drop(panes, index);
        }
    }
    void drop(panes_type& panes, std::uint32_t index) {
        live_.leave(panes.data()[index].number);
        panes.erase(index, blocks_);
    }
    // After the end of all input nothing is kept for late records.
    void drop_all() {
        store_.clear();
        live_.clear();
        pane_number_ = live_panes::none;
        next_end_ = time_highest;
    }

    KeyFunction key_;
    window_grid grid_;
    set_type aggregates_;
    duration pane_;
    bool runs_totals_;
    typename panes_type::pool blocks_;
    store_type store_;
    live_panes live_;
    timestamp fired_through_ = time_lowest;  // windows that end up to it have fired
    timestamp next_end_ = time_highest;      // of the next window to fire
    // The pane of the last record, and its number if it is known.
    timestamp pane_start_ = time_highest;
    timestamp pane_end_ = time_lowest;
    timestamp pane_first_end_{};
    timestamp pane_last_end_{};
    std::uint32_t pane_number_ = live_panes::none;
};

template <class Key, class Record, class Row, class KeyFunction, class... As>
void window_stage<Key, Record, Row, KeyFunction, As...>::save_shard(unsigned shard, binary_writer& writer) const {
    if constexpr (storable<Key> && storable<state_type>) {
        std::uint64_t count = 0;
        store_.for_each_of_shard(shard, [&](const auto& each) { count += each.value.empty() ? 0U : 1U; });
        save(writer, count);
        store_.for_each_of_shard(shard, [&](const auto& each) {
            if (each.value.empty()) return;
            save(writer, each.key);
            save(writer, std::uint64_t{each.value.size()});
            for (const pane_type& pane : each.value) {
                save(writer, live_[pane.number].start);
                save(writer, live_[pane.number].first_end);
                save(writer, pane.state);
            }
        });
        if (shard == 0) {
            save(writer, fired_through_);
            counts.save(writer);
        }
    } else {
        throw error(error_kind::state, "aggregate: a state of this type cannot be stored: give it save and load");
    }
}

template <class Key, class Record, class Row, class KeyFunction, class... As>
void window_stage<Key, Record, Row, KeyFunction, As...>::load_shard(unsigned shard, binary_reader& reader) {
    if constexpr (storable<Key> && storable<state_type>) {
        for (auto keys = load<std::uint64_t>(reader); keys > 0; --keys) {
            const Key key = load<Key>(reader);
            auto& panes = store_.find_or_add(key, key_hash(key), [] { return panes_type{}; }).value;
            for (auto count = load<std::uint64_t>(reader); count > 0; --count) {
                const auto start = load<timestamp>(reader);
                const auto first_end = load<timestamp>(reader);
                const bool partial = first_end != first_end_above(start, grid_);
                load(reader, insert(panes, live_.number_of(start, first_end, partial), aggregates_.create()).state);
            }
        }
        if (shard == 0) {
            load(reader, fired_through_);
            counts.load(reader);
        }
        next_end_ = next_end();
    }
}

}  // namespace weir::detail

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
        take_ahead(records, begin, end, steps, [](std::size_t) {});
    }
    // The same, with a mark behind each record.
    template <std::size_t, class U, class Chain>
    void run_each(chunk<U>& records, const mark* marks, const Chain& steps) {
        take_ahead(records, 0, records.size(), steps, [&](std::size_t index) {
            const mark& progress = marks[index];
            fire_below(progress.watermark);
            if (out.wants_marks || !out.out.empty()) out.flush(&progress);
            if (late.wants_marks || !late.out.empty()) late.flush(&progress);
        });
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

    // Takes records, and calls after(index) behind each. Those whose keys can be told beforehand are looked for
    // together.
    template <class U, class Chain, class After>
    void take_ahead(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps, const After& after) {
        entry_type* found[store_type::together];
        if constexpr (Chain::is_empty) {
            while (end - begin > 1) {
                const std::size_t count = std::min(end - begin, store_type::together);
                store_.look_ahead(
                    count, [&](std::size_t i) -> decltype(auto) { return key_(records[begin + i]); }, found);
                for (std::size_t i = 0; i < count && !grid_.tumbling(); ++i) {
                    if (found[i] != nullptr) found[i]->value.prefetch_newest();
                }
                take(records, begin, begin + count, steps, found, after);
                begin += count;
            }
        }
        if (begin != end) take(records, begin, end, steps, nullptr, after);
    }
    // found: likely entries of the records' keys, or null. When windows fire, keys go: then they are looked for again.
    template <class U, class Chain, class After>
    void take(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps, entry_type* const* found,
              const After& after) {
        const bool in_turn = grid_.lateness > duration::zero() || planted(planted_bug::early_firing);
        const std::uint64_t fires = fires_;
        std::uint64_t accepted = 0;
        const auto body = [&](auto&& value, const stamp_view& at) {
            const timestamp time = at.time();
            const timestamp stamped =
                planted(planted_bug::late_by_merged_watermark) ? lowest_watermark() : at.watermark();
            if (in_turn) fire_below(stamped);
            if (!(time >= pane_start_ && time < pane_end_)) choose_pane(time);
            const timestamp watermark = in_turn ? saturating_sub(stamped, grid_.lateness) : stamped;
            if (pane_last_end_ <= watermark) [[unlikely]] {
                refuse(std::forward<decltype(value)>(value), stamp_view{at});
                return;
            }
            ++accepted;
            entry_type* const likely = found != nullptr && fires == fires_ ? found[at.index() - begin] : nullptr;
            const auto& key = key_(std::as_const(value));
            entry_type& each = likely != nullptr && likely->key == key
                                   ? *likely
                                   : store_.find_or_add(key, key_hash(key), [] { return panes_type{}; });
            add(each, std::as_const(value), at, watermark);
            if (in_turn) update_fired(each, stamp_view{at});
        };
        take_records_each(*this, records, begin, end, steps, body, after);
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
    void add(entry_type& each, const Record& record, const stamp_view& at, timestamp watermark) {
        std::uint32_t which = pane_number_;
        if (pane_first_end_ <= watermark) [[unlikely]] {
            which = live_.number_of(pane_start_, first_end_above(watermark, grid_), true);
        } else if (which == live_panes::none) {
            which = pane_number_ = live_.number_of(pane_start_, pane_first_end_, false);
        }
        state_type* state = each.value.find(which);
        if (state == nullptr) state = &begin_pane(each.value, which);
        aggregates_.add(*state, record, at);
    }
    [[gnu::noinline]] state_type& begin_pane(panes_type& panes, std::uint32_t which) {
        if (live_[which].keys == 0 && pane_last_end_ > fired_through_) {
            next_end_ = std::min(next_end_, first_end_unfired(pane_start_));
        }
        return insert(panes, which, aggregates_.create());
    }
    state_type& insert(panes_type& panes, std::uint32_t which, state_type&& state) {
        live_.take(which);
        const auto all = panes.panes();
        std::uint32_t index = all.size;
        while (index > 0 && live_.before(which, all.number(index - 1))) --index;
        return panes.insert(index, which, std::move(state), live_[which].partial, rings_);
    }
    // The windows that hold the present pane, have fired, and still accept: each is said again, in order of time.
    void update_fired(const entry_type& each, const stamp_view& at) {
        std::uint32_t index = 0;
        const timestamp oldest = saturating_sub(at.watermark(), grid_.lateness);
        for (timestamp end = pane_first_end_; end <= pane_last_end_ && end <= at.watermark(); end += grid_.slide) {
            if (end <= oldest) continue;
            ++counts.updates;
            out.push_caused(row(each.key, end, merged(each.value, end)), end - one_tick, at, index++);
        }
    }
    [[nodiscard]] Row row(const Key& key, timestamp end, const state_type& state) const {
        return make_row<Row>(key, end - grid_.size, end, aggregates_.results(state));
    }
    [[nodiscard]] state_type merged(const panes_type& panes, timestamp end) const {
        state_type all = aggregates_.create();
        const auto own = panes.panes();
        for (std::uint32_t i = 0; i < own.size; ++i) {
            if (is_in_window(own.number(i), end)) aggregates_.merge(all, own.state(i));
        }
        return all;
    }
    [[nodiscard]] bool is_in_window(std::uint32_t pane, timestamp end) const noexcept {
        const live_panes::info& info = live_[pane];
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
        ++fires_;
        // What no later window, and no late record of one that still accepts, will ask for.
        const timestamp keep = first_end_above(saturating_sub(end, grid_.lateness), grid_) - grid_.size;
        const auto visit = [&](entry_type& each) {
            if constexpr (set_type::takes_back) {
                if (runs_totals_) return slide(each, end, keep);
            }
            const bool said = emit_window(each, end);
            drop_before(each.value, each.value.panes(), keep, [](const state_type&) {});
            return said || !each.value.empty();
        };
        store_.retain(visit, [](const entry_type& each) { each.value.prefetch(); });
        if (!out.wants_turn) out.complete_due(end - one_tick);
        pane_number_ = live_panes::none;
        next_end_ = next_end();
    }
    bool emit_window(const entry_type& each, timestamp end) {
        // One pane is its window's aggregate; more are merged.
        const auto panes = each.value.panes();
        std::uint32_t only = 0;
        unsigned count = 0;
        for (std::uint32_t i = 0; i < panes.size; ++i) {
            if (!is_in_window(panes.number(i), end)) continue;
            only = i;
            ++count;
        }
        if (count == 0) return false;
        if (count == 1) {
            emit(each, end, panes.state(only));
        } else {
            emit(each, end, merged(each.value, end));
        }
        return true;
    }
    // The same with a total that panes join at the first end that accepts them, and leave. No record comes to a pane
    // that has joined: it would have been refused by that window, and gone to another pane.
    bool slide(entry_type& each, timestamp end, timestamp keep) {
        panes_type& panes = each.value;
        auto all = panes.panes();
        // Later panes have later ends, but for partial ones.
        for (std::uint32_t i = all.size; i-- > 0;) {
            const timestamp first_end = live_[all.number(i)].first_end;
            if (first_end == end) {
                if (!panes.has_total()) all = begin_total(panes);
                aggregates_.merge(panes.total(), all.state(i));
            }
            if (first_end < end && !panes.any_partial()) break;
        }
        if (!panes.has_total()) return all.size != 0;
        emit(each, end, panes.total());
        const std::uint32_t gone =
            drop_before(panes, all, keep, [&](const state_type& old) { aggregates_.unmerge(panes.total(), old); });
        std::uint32_t waiting = gone;
        while (waiting < all.size && live_[all.number(waiting)].first_end > end) ++waiting;
        if (waiting == all.size) panes.end_total(rings_);
        return true;
    }
    [[gnu::noinline]] auto begin_total(panes_type& panes) {
        panes.begin_total(aggregates_.create(), rings_);
        return panes.panes();
    }
    [[gnu::always_inline]] void emit(const entry_type& each, timestamp end, const state_type& state) {
        ++counts.results;
        const timestamp due = end - one_tick;
        if (out.wants_turn) [[unlikely]] {
            emit_in_turn(each, end, state);
        } else {
            out.push_due(row(each.key, end, state), due);
        }
    }
    [[gnu::noinline]] void emit_in_turn(const entry_type& each, timestamp end, const state_type& state) {
        out.push_triggered(row(each.key, end, state), end - one_tick, each.hash(), tie_words(each.key), 0);
    }
    // Drops the panes that start before `start`; returns how many of them there were.
    template <class Dropped>
    std::uint32_t drop_before(panes_type& panes, const typename panes_type::view& all, timestamp start,
                              Dropped&& dropped) {
        std::uint32_t count = 0;
        for (; count < all.size; ++count) {
            const std::uint32_t oldest = all.number(count);
            if (live_[oldest].start >= start) break;
            dropped(std::as_const(all.state(count)));
            if (live_[oldest].partial) panes.forget_partial();
            live_.leave(oldest);
        }
        if (count != 0) panes.erase_first(count, rings_);
        return count;
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
    typename panes_type::pool rings_;
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
    std::uint64_t fires_ = 0;
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
            const auto panes = each.value.panes();
            save(writer, std::uint64_t{panes.size});
            for (std::uint32_t i = 0; i < panes.size; ++i) {
                save(writer, live_[panes.number(i)].start);
                save(writer, live_[panes.number(i)].first_end);
                save(writer, panes.state(i));
            }
            save(writer, each.value.has_total());
            if (each.value.has_total()) save(writer, each.value.total());
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
                load(reader, insert(panes, live_.number_of(start, first_end, partial), aggregates_.create()));
            }
            if (load<bool>(reader)) load(reader, panes.begin_total(aggregates_.create(), rings_));
        }
        if (shard == 0) {
            load(reader, fired_through_);
            counts.load(reader);
        }
        next_end_ = next_end();
    }
}

}  // namespace weir::detail

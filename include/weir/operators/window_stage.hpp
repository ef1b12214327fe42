// SPDX-License-Identifier: Apache-2.0
// The running stage of aggregates over windows on a grid. Without allowed lateness, and with aggregates that commute,
// it takes records as they come: a pane knows which windows accept it, so it does not matter when windows fire.
#pragma once
#include <map>

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
        return grid.lateness > duration::zero() || !(commutes<As> && ...);
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
        : key_(key), grid_(description.grid), aggregates_(description.aggregates), pane_(grid_.pane()) {}

    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&out, &late}; }
    [[nodiscard]] bool keyed() const override { return true; }

    template <std::size_t, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        std::uint64_t accepted = 0;
        take_records(*this, records, begin, end, steps, [&](auto&& value, const stamp_view& at) {
            if (grid_.lateness > duration::zero()) fire_below(at.watermark());
            if (!(at.time() >= pane_start_ && at.time() < pane_end_)) choose_pane(at.time());
            const timestamp watermark = saturating_sub(at.watermark(), grid_.lateness);
            if (pane_last_end_ <= watermark) {
                ++counts.late;
                if (!late.to.empty()) late.push_same(std::forward<decltype(value)>(value), at);
                return;
            }
            ++accepted;
            const timestamp first_end =
                pane_first_end_ > watermark ? pane_first_end_ : first_end_above(watermark, grid_);
            add(std::as_const(value), at, first_end);
        });
        counts.accepted += accepted;
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
    using entry_type = typename keyed_store<Key, panes_type>::entry;

    void choose_pane(timestamp time) {
        pane_start_ = align_down(time, pane_);
        pane_end_ = saturating_add(pane_start_, pane_);
        pane_first_end_ = first_end_above(pane_start_, grid_);
        pane_last_end_ = last_end_holding(pane_start_, grid_);
        live_place_ = live_.end();
    }
    void add(const Record& record, const stamp_view& at, timestamp first_end) {
        const auto& key = key_(record);
        entry_type& each = store_.find_or_add(key, key_hash(key), [] { return panes_type{}; });
        bool made = false;
        auto& pane = each.value.at(pane_start_, first_end, made, [this] { return aggregates_.create(); });
        if (made) {
            if (live_place_ == live_.end()) live_place_ = live_.try_emplace(pane_start_, 0).first;
            ++live_place_->second;
            if (pane_last_end_ > fired_through_) next_end_ = std::min(next_end_, first_end_unfired(pane_start_));
        }
        aggregates_.add(pane.state, record, at);
        if (grid_.lateness > duration::zero()) update_fired(each, at);
    }
    // The windows that hold the present pane, have fired, and still accept: each is said again, in order of time.
    void update_fired(const entry_type& each, const stamp_view& at) {
        std::uint32_t index = 0;
        const timestamp oldest = saturating_sub(at.watermark(), grid_.lateness);
        for (timestamp end = pane_first_end_; end <= pane_last_end_ && end <= at.watermark(); end += grid_.slide) {
            if (end <= oldest) continue;
            ++counts.updates;
            state_type merged = aggregates_.create();
            merge_window(each.value, end, merged);
            out.push_caused(row(each.key, end, merged), end - one_tick, at, index++);
        }
    }
    [[nodiscard]] Row row(const Key& key, timestamp end, const state_type& state) const {
        return make_row<Row>(key, end - grid_.size, end, aggregates_.results(state));
    }
    bool merge_window(const panes_type& panes, timestamp end, state_type& into) const {
        const timestamp start = end - grid_.size;
        bool any = false;
        for (const auto& pane : panes.all()) {
            if (pane.start < start || pane.start >= end || pane.first_end > end) continue;
            aggregates_.merge(into, pane.state);
            any = true;
        }
        return any;
    }

    // Everything that ends up to `fired_through_` has been said. The smallest later end that may hold records:
    [[nodiscard]] timestamp next_end() const {
        auto place = fired_through_ == time_lowest ? live_.begin()
                                                   : live_.lower_bound(saturating_sub(fired_through_, grid_.size));
        while (place != live_.end() && last_end_holding(place->first, grid_) <= fired_through_) ++place;
        return place == live_.end() ? time_highest : first_end_unfired(place->first);
    }
    [[nodiscard]] timestamp first_end_unfired(timestamp pane_start) const {
        const timestamp first = first_end_above(pane_start, grid_);
        return first > fired_through_ ? first : first_end_above(fired_through_, grid_);
    }
    void fire_below(timestamp watermark) {
        if (watermark <= fired_through_) return;
        while (next_end_ != time_highest && next_end_ - one_tick < watermark) fire(next_end_);
        fired_through_ = watermark;
    }
    void fire(timestamp end) {
        fired_through_ = end;
        const timestamp start = end - grid_.size;
        // What no later window, and no late record of one that still accepts, will ask for.
        const timestamp keep = first_end_above(saturating_sub(end, grid_.lateness), grid_) - grid_.size;
        store_.retain([&](entry_type& each) {
            emit_window(each, end, start);
            each.value.drop_before(keep, [&](timestamp dropped) { forget_pane(dropped); });
            return !each.value.empty();
        });
        live_place_ = live_.end();
        next_end_ = next_end();
    }
    void emit_window(entry_type& each, timestamp end, timestamp start) {
        // One pane is its window's aggregate; more are merged.
        const state_type* only = nullptr;
        unsigned count = 0;
        for (const auto& pane : each.value.all()) {
            if (pane.start < start || pane.start >= end || pane.first_end > end) continue;
            only = &pane.state;
            ++count;
        }
        if (count == 0) return;
        ++counts.results;
        const timestamp due = end - one_tick;
        if (count == 1) {
            emit(each, row(each.key, end, *only), due);
        } else {
            state_type merged = aggregates_.create();
            merge_window(each.value, end, merged);
            emit(each, row(each.key, end, merged), due);
        }
    }
    void emit(const entry_type& each, Row&& result, timestamp due) {
        if constexpr (hashed_one_to_one<Key>) {
            out.push_triggered(std::move(result), due, each.hash, {}, 0);
        } else {
            out.push_triggered(std::move(result), due, each.hash, out.wants_turn ? tie_words(each.key) : key_words{}, 0);
        }
    }
    void forget_pane(timestamp start) {
        const auto place = live_.find(start);
        if (--place->second == 0) live_.erase(place);
    }
    // After the end of all input nothing is kept for late records.
    void drop_all() {
        store_.clear();
        live_.clear();
        live_place_ = live_.end();
        next_end_ = time_highest;
    }

    KeyFunction key_;
    window_grid grid_;
    set_type aggregates_;
    duration pane_;
    keyed_store<Key, panes_type> store_;
    std::map<timestamp, std::uint64_t> live_;  // start of a pane: how many keys have it
    std::map<timestamp, std::uint64_t>::iterator live_place_ = live_.end();
    timestamp fired_through_ = time_lowest;    // windows that end up to it have fired
    timestamp next_end_ = time_highest;        // of the next window to fire
    // The pane of the last record.
    timestamp pane_start_ = time_highest;
    timestamp pane_end_ = time_lowest;
    timestamp pane_first_end_{};
    timestamp pane_last_end_{};
};

template <class Key, class Record, class Row, class KeyFunction, class... As>
void window_stage<Key, Record, Row, KeyFunction, As...>::save_shard(unsigned shard, binary_writer& writer) const {
    if constexpr (storable<Key> && storable<state_type>) {
        std::uint64_t count = 0;
        store_.for_each_of_shard(shard, [&](const auto&) { ++count; });
        save(writer, count);
        store_.for_each_of_shard(shard, [&](const auto& each) {
            save(writer, each.key);
            save(writer, std::uint64_t{each.value.all().size()});
            for (const auto& pane : each.value.all()) pane.save(writer);
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
                typename panes_type::pane pane{load<timestamp>(reader), load<timestamp>(reader), aggregates_.create()};
                load(reader, pane.state);
                ++live_[pane.start];
                panes.push(std::move(pane));
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

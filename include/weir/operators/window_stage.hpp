// SPDX-License-Identifier: Apache-2.0
// The running stage of aggregates over windows on a grid. Without allowed lateness, and with aggregates that commute,
// it takes records as they come: a pane knows which windows accept it, so it does not matter when windows fire.
#pragma once
#include <algorithm>
#include <array>

#include <weir/operators/aggregate_set.hpp>
#include <weir/operators/key_panes.hpp>
#include <weir/operators/keyed.hpp>
#include <weir/operators/live_panes.hpp>
#include <weir/operators/windowed.hpp>
#include <weir/state/likely_entries.hpp>
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
    [[nodiscard]] bool waits_for_watermark() const { return true; }
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

    window_stage(const KeyFunction& key, const description_type& description, const stage_site& site)
        : instance_(site), key_(key), grid_(description.grid), aggregates_(description.aggregates), pane_(grid_.pane()),
          pane_offset_(offset_within(grid_.offset, pane_)),
          runs_totals_(set_type::takes_back && !grid_.tumbling() && grid_.lateness == duration::zero()),
          line_(runs_totals_ ? pane_line(grid_) : pane_line()) {}

    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&out, &late}; }
    [[nodiscard]] bool keyed() const override { return true; }
    [[nodiscard]] state_size state() const override { return {store_.size(), store_.memory()}; }

    template <std::size_t, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        take_ahead(records, begin, end, steps, [](std::size_t) {});
    }
    // The same, with a mark behind each record.
    template <std::size_t, class U, class Chain>
    void run_each(chunk<U>& records, const mark& last, const Chain& steps) {
        const std::size_t size = records.size();
        const bool hands_marks_on = out.wants_marks || late.wants_marks;
        take_ahead(records, 0, size, steps, [&](std::size_t index) {
            fire_below(index + 1 != size ? records.stamps.watermark(index + 1) : last.watermark);
            if (hands_marks_on || !out.out.empty() || !late.out.empty()) [[unlikely]] {
                const mark progress = records.stamps.behind(index, size, last);
                out.flush(&progress);
                late.flush(&progress);
            }
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

    // How it is written and read back is in window_state.hpp.
    [[nodiscard]] std::string why_not_storable() const override {
        return stored ? std::string{} : std::string(cannot_be_stored);
    }
    [[nodiscard]] std::string schema() const override;
    void save_shard(unsigned shard, binary_writer& writer) const override;
    void load_shard(unsigned shard, binary_reader& reader) override;
    void track_changes() override { store_.track_changes(); }
    void save_changes(state_batch& to, bool all) override;
    void expect_keys(std::uint64_t count) override { instance_.reserve(store_, count); }
    void load_entry(unsigned shard, binary_reader& key, binary_reader& value) override;

  private:
    static constexpr bool stored = storable<Key> && storable<state_type>;
    static constexpr const char* cannot_be_stored =
        "aggregate: a state of this type cannot be stored: give it save and load";
    using store_type = keyed_store<Key, panes_type>;
    using entry_type = typename store_type::entry;
    using likely_type = likely_entries<store_type>;

    // Takes records, and calls after(index) behind each.
    template <class U, class Chain, class After>
    void take_ahead(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps, const After& after) {
        if constexpr (Chain::is_empty) {
            if (end - begin > 1) {
                const auto key_at = [&](std::size_t i) -> decltype(auto) { return key_(records[i]); };
                const auto take_group = [&](const likely_type& group) {
                    records.fetch_next_view(group.begin(), group.end());
                    take(records, group.begin(), group.end(), steps, &group, after);
                };
                const auto fetch = [&](const entry_type& each) { each.value.prefetch_newest(pane_slot_); };
                take_in_groups(store_, begin, end, key_at, records.heads(), take_group, fetch, grid_.tumbling());
                return;
            }
        }
        take(records, begin, end, steps, nullptr, after);
    }
    template <class U, class Chain, class After>
    void take(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps,
              const likely_type* group, const After& after) {
        const auto make = [] { return panes_type{}; };
        const auto entry_of = [&](const Record& record, std::size_t index) -> entry_type& {
            const auto& key = key_(record);
            return group != nullptr ? group->find_or_add(store_, index, key, make)
                                    : store_.find_or_add(key, key_hash(key), make);
        };
        std::uint64_t accepted = 0;
        const auto body = [&](auto&& value, const stamp_view& at) {
            const timestamp time = at.time();
            const timestamp watermark = at.watermark();
            if (watermark < plain_below_ && time >= pane_start_ && time < pane_end_) [[likely]] {
                ++accepted;
                add(entry_of(value, at.index()), value, at);
            } else if (accepts(time, watermark)) {
                ++accepted;
                take_slowly(entry_of(value, at.index()), value, stamp_view{at});
            } else {
                refuse(std::forward<decltype(value)>(value), stamp_view{at});
            }
        };
        take_records_each(*this, records, begin, end, steps, body, after);
        counts.accepted += accepted;
    }

    // With lateness a record's own watermark makes windows fire, for what it may change has then been said.
    [[nodiscard]] bool follows_records() const noexcept {
        return grid_.lateness > duration::zero() || planted(planted_bug::early_firing);
    }
    // Makes the pane of `time` the present one; whether some window takes a record of that pane.
    [[gnu::noinline]] bool accepts(timestamp time, timestamp watermark) {
        if (planted(planted_bug::late_by_merged_watermark)) watermark = lowest_watermark();
        if (follows_records()) fire_below(watermark);
        if (!(time >= pane_start_ && time < pane_end_)) {
            pane_start_ = align_down(time, pane_, pane_offset_);
            pane_end_ = saturating_add(pane_start_, pane_);
            pane_first_end_ = first_end_above(pane_start_, grid_);
            pane_last_end_ = last_end_holding(pane_start_, grid_);
            forget_number();
            check_present_pane();
        }
        watermark_ = saturating_sub(watermark, grid_.lateness);
        return pane_last_end_ > watermark_;
    }
    // A record that `accepts` has just let in.
    [[gnu::noinline]] void take_slowly(entry_type& each, const Record& record, const stamp_view& at) {
        if (pane_first_end_ <= watermark_) {
            take_partly(each, record, at);
        } else {
            if (live_.empty()) line_.begin_with(pane_start_);
            if (pane_number_ == live_panes::none) {
                pane_number_ = live_.number_of(pane_start_, pane_first_end_, false);
                pane_slot_ = line_.slot_of(pane_start_);
                // The next records of this pane need no more than their key.
                if (!follows_records() && !planted(planted_bug::late_by_merged_watermark)) {
                    plain_below_ = pane_first_end_;
                }
            }
            add(each, record, at);
        }
        if (follows_records()) update_fired(each, at);
    }
    // A record that some of its windows refuse. If the next one to fire takes it, it is as good as one that came in
    // time to the total and to its pane.
    void take_partly(entry_type& each, const Record& record, const stamp_view& at) {
        const timestamp first_end = first_end_above(watermark_, grid_);
        if constexpr (set_type::takes_back) {
            const std::uint32_t slot = line_.slot_of(pane_start_);
            if (each.value.on_line() && slot != pane_line::no_slot &&
                first_end == first_end_above(fired_through_, grid_)) {
                if (!each.value.has(slot)) {
                    begin_in_row(each.value, slot, live_.number_of(pane_start_, pane_first_end_, false));
                }
                aggregates_.add(each.value.in_row(slot), record, at);
                if (!each.value.has_total()) begin_total(each.value);
                aggregates_.add(each.value.total(), record, at);
                return;
            }
        }
        const std::uint32_t which = live_.number_of(pane_start_, first_end, true);
        aggregates_.add(find_or_insert(each.value, which), record, at);
    }
    [[nodiscard]] bool is_within_time(timestamp pane_start) const noexcept {
        const timestamp lowest = saturating_add(saturating_add(time_lowest, grid_.size), grid_.slide);
        return pane_start > saturating_add(lowest, grid_.offset) && last_end_holding(pane_start, grid_) < time_highest;
    }
    // A window that reaches beyond the line of time would never fire, and nobody would know.
    void check_present_pane() {
        if (is_within_time(pane_start_)) return;
        pane_end_ = pane_start_;  // the next record chooses again
        throw error(error_kind::input, grid_.text + ": a record's windows reach beyond the ends of time, the years "
                                                    "1677 and 2262: correct its time, or filter it before");
    }
    void forget_number() noexcept {
        pane_number_ = live_panes::none;
        pane_slot_ = pane_line::no_slot;
        plain_below_ = time_lowest;
    }
    template <class V> [[gnu::noinline]] void refuse(V&& value, const stamp_view& at) {
        ++counts.late;
        if (!late.to.empty()) late.push_same(std::forward<V>(value), at);
    }
    // To the present pane.
    [[gnu::always_inline]] void add(entry_type& each, const Record& record, const stamp_view& at) {
        state_type* state = each.value.find_in_place(pane_number_);
        if (state == nullptr) state = &find_or_begin(each.value);
        aggregates_.add(*state, record, at);
    }
    // The present pane of a key that has it elsewhere, or not yet.
    [[gnu::noinline]] state_type& find_or_begin(panes_type& panes) {
        if (panes.none()) {
            expect_fire(pane_number_);
            live_.take(pane_number_);
            return panes.begin_only(pane_number_, aggregates_.create());
        }
        if (panes.on_line() && pane_slot_ != pane_line::no_slot) {
            if (panes.has(pane_slot_)) return panes.in_row(pane_slot_);
            return begin_in_row(panes, pane_slot_, pane_number_);
        }
        return find_or_insert(panes, pane_number_);
    }
    state_type& find_or_insert(panes_type& panes, std::uint32_t which) {
        if (panes.on_line()) panes.leave_line(line_, rings_);
        if (state_type* const found = panes.find(which)) return *found;
        expect_fire(which);
        return insert(panes, which, aggregates_.create());
    }
    state_type& begin_in_row(panes_type& panes, std::uint32_t slot, std::uint32_t which) {
        expect_fire(which);
        live_.take(which);
        line_.set_number(slot, which);
        return panes.begin_in_row(slot, aggregates_.create());
    }
    // Of a pane that no other key has.
    void expect_fire(std::uint32_t which) {
        if (live_[which].keys == 0 && pane_last_end_ > fired_through_) [[unlikely]] {
            next_end_ = std::min(next_end_, first_end_unfired(pane_start_));
        }
    }
    state_type& insert(panes_type& panes, std::uint32_t which, state_type&& state) {
        live_.take(which);
        const auto all = panes.panes();
        std::uint32_t index = all.size;
        while (index > 0 && live_.before(which, all.number(index - 1))) --index;
        return panes.insert(index, which, std::move(state), live_[which].partial, rings_);
    }
    template <class Visit> void for_each_pane(const panes_type& panes, Visit&& visit) const {
        if (panes.on_line()) {
            return line_.for_each(panes.occupied(),
                                  [&](std::uint32_t slot) { visit(line_.number(slot), panes.in_row(slot)); });
        }
        const auto all = panes.panes();
        for (std::uint32_t i = 0; i < all.size; ++i) visit(all.number(i), all.state(i));
    }
    // What a fire did to all keys of a shard. Entries of keys are written when a record has touched them: what windows
    // have done to them since then is done again when they are read.
    struct shard_past {
        timestamp said_through = time_lowest;  // windows that end up to it have fired
        timestamp kept_from = time_lowest;     // panes that start before it have gone
    };
    void save_panes(binary_writer& writer, const panes_type& panes) const;
    panes_type* load_panes(const Key& key, binary_reader& reader, const shard_past& then);
    void save_said(binary_writer& writer) const;
    void load_said(binary_reader& reader, const keyed_instance& former);
    void begin_total_of(panes_type& panes, timestamp said_through);
    [[nodiscard]] bool could_be_pane(timestamp start, timestamp first_end) const noexcept;
    static void require_undamaged(bool holds);
    // Whether keys of this shard have said the window in a former run, whose workers were not equally far.
    [[nodiscard]] bool has_said(const entry_type& each, timestamp end) const {
        return end <= pasts_[shard_of(each.hash())].said_through;
    }

    // The windows that hold the present pane, have fired, and still accept: each is said again, in order of time.
    void update_fired(const entry_type& each, const stamp_view& at) {
        std::uint32_t index = 0;
        const timestamp oldest = saturating_sub(at.watermark(), grid_.lateness);
        for (timestamp end = pane_first_end_; end <= at.watermark(); end += grid_.slide) {
            if (end > oldest) {
                ++counts.updates;
                out.push_caused(row(each.key, end, merged(each.value, end)), end - one_tick, at, index++);
            }
            if (end == pane_last_end_) break;  // the next end may lie beyond the line
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
        if (next_end_ <= watermark) [[unlikely]] fire_all_below(watermark);
        fired_through_ = watermark;
    }
    [[gnu::noinline]] void fire_all_below(timestamp watermark) {
        if (planted(planted_bug::skipped_window) && next_end_ < saturating_sub(watermark, grid_.slide)) {
            next_end_ += grid_.slide;
        }
        while (next_end_ != time_highest && next_end_ <= watermark) fire(next_end_);
    }
    // A key that has said something stays for one more window: mostly it comes again.
    [[gnu::noinline]] void fire(timestamp end) {
        fired_through_ = end;
        if (end > said_by_some_) pasts_.clear();
        const bool some_have_said = !pasts_.empty();
        const bool tumbling = grid_.tumbling() && grid_.lateness == duration::zero();
        // What no later window, and no late record of one that still accepts, will ask for.
        const timestamp keep = first_end_above(saturating_sub(end, grid_.lateness), grid_) - grid_.size;
        kept_from_ = keep;
        slots_of_fire slots{line_.between(end - grid_.slide, end), line_.before(keep), line_.before(end), {}};
        const std::uint32_t whole = tumbling ? live_.find(end - grid_.size, end) : live_panes::none;
        std::uint64_t said_whole = 0;
        const auto visit = [&](entry_type& each) {
            if (some_have_said && has_said(each, end)) [[unlikely]] {
                if (!each.value.on_line()) drop_before(each.value, each.value.panes(), keep, [](const state_type&) {});
                return true;
            }
            if (tumbling) {
                if (const state_type* only = each.value.only()) {
                    if (each.value.find_in_place(whole) != nullptr) {
                        emit(each, end, *only);
                        each.value.end_only();
                        ++said_whole;
                    }
                    return true;
                }
            }
            if constexpr (set_type::takes_back) {
                if (each.value.on_line()) return slide_on_line(each, end, slots);
                if (runs_totals_) return slide(each, end, keep);
            }
            const bool said = emit_window(each, end);
            drop_before(each.value, each.value.panes(), keep, [](const state_type&) {});
            return said || !each.value.empty();
        };
        const auto fetch = [&](const entry_type& each) {
            if (each.value.on_line()) {
                each.value.prefetch_row(slots.joining | slots.leaving);
            } else if (!tumbling) {
                each.value.prefetch();
            }
        };
        store_.retain(visit, fetch);
        if (said_whole != 0) live_.leave(whole, said_whole);
        for (std::uint64_t bits = slots.leaving; bits != 0; bits &= bits - 1) {
            const std::uint32_t slot = pane_line::slot_in(bits);
            if (slots.left[slot] != 0) live_.leave(line_.number(slot), slots.left[slot]);
        }
        line_.advance(keep);
        if (!out.wants_turn) out.complete_due(end - one_tick);
        forget_number();
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
    // Of a fire: bits of the panes that it is the first to hold, that no later one holds, and that it or one before it
    // held. How many keys' panes have left each.
    struct slots_of_fire {
        std::uint64_t joining, leaving, begun;
        std::array<std::uint64_t, pane_line::most_slots> left;
    };
    // The same with a total that panes join at the first end that accepts them, and leave.
    bool slide_on_line(entry_type& each, timestamp end, slots_of_fire& slots) {
        panes_type& panes = each.value;
        for (std::uint64_t bits = panes.occupied() & slots.joining; bits != 0; bits &= bits - 1) {
            if (!panes.has_total()) panes.begin_total(aggregates_.create(), rings_);
            aggregates_.merge(panes.total(), panes.in_row(pane_line::slot_in(bits)));
        }
        if (!panes.has_total()) return true;
        emit(each, end, panes.total());
        for (std::uint64_t bits = panes.occupied() & slots.leaving; bits != 0; bits &= bits - 1) {
            const std::uint32_t slot = pane_line::slot_in(bits);
            aggregates_.unmerge(panes.total(), panes.in_row(slot));
            ++slots.left[slot];
            panes.end_in_row(slot);
        }
        if ((panes.occupied() & slots.begun) == 0) {
            panes.end_total(rings_);
            if (panes.occupied() == 0) panes.end_row(line_);
        }
        return true;
    }
    // The same with panes in a ring. No record comes to one that has joined: it would have been refused by that window,
    // and gone to another pane.
    bool slide(entry_type& each, timestamp end, timestamp keep) {
        panes_type& panes = each.value;
        auto all = panes.panes();
        // Later panes have later ends, but for partial ones.
        for (std::uint32_t i = panes.any_partial() ? all.size : begun_by(all, end); i-- > 0;) {
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
        if (waiting == all.size) {
            panes.end_total(rings_);
        } else if (panes.size() * 4 >= line_.capacity() && !panes.any_partial()) {
            enter_line(panes);
        }
        return true;
    }
    // If all its panes are.
    [[gnu::noinline]] void enter_line(panes_type& panes) {
        const auto all = panes.panes();
        const auto slot = [&](std::uint32_t index) { return line_.slot_of(live_[all.number(index)].start); };
        for (std::uint32_t i = 0; i < all.size; ++i) {
            if (slot(i) == pane_line::no_slot) return;
        }
        for (std::uint32_t i = 0; i < all.size; ++i) line_.set_number(slot(i), all.number(i));
        panes.enter_line(line_, rings_, slot);
    }
    // How many of the panes, none of them partial, some window up to `end` accepts. Mostly one or two do not.
    [[nodiscard]] std::uint32_t begun_by(const typename panes_type::view& all, timestamp end) const {
        const auto begun = [&](std::uint32_t index) { return live_[all.number(index)].first_end <= end; };
        std::uint32_t high = all.size;
        for (unsigned i = 0; i < 4; ++i) {
            if (high == 0 || begun(high - 1)) return high;
            --high;
        }
        std::uint32_t low = 0;
        while (low < high) {
            const std::uint32_t middle = low + (high - low) / 2;
            if (begun(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
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
        line_.clear();
        forget_number();
        next_end_ = time_highest;
    }

    const keyed_instance instance_;
    KeyFunction key_;
    window_grid grid_;
    set_type aggregates_;
    duration pane_;
    duration pane_offset_;
    bool runs_totals_;
    pane_line line_;
    typename panes_type::pool rings_;
    store_type store_;
    live_panes live_;
    timestamp fired_through_ = time_lowest;  // windows that end up to it have fired
    timestamp next_end_ = time_highest;      // of the next window to fire
    timestamp kept_from_ = time_lowest;      // no key has a pane that starts before it
    std::vector<shard_past> pasts_;          // of all shards, after they have been read
    timestamp said_by_some_ = time_lowest;   // the largest said_through of them
    bool has_read_said_ = false;
    // The pane of the last record, and its number if it is known.
    timestamp pane_start_ = time_highest;
    timestamp pane_end_ = time_lowest;
    timestamp pane_first_end_{};
    timestamp pane_last_end_{};
    std::uint32_t pane_number_ = live_panes::none;
    std::uint32_t pane_slot_ = pane_line::no_slot;  // on the line
    timestamp plain_below_ = time_lowest;  // up to this watermark a record of the present pane may be added as it is
    timestamp watermark_{};                // that the last record was judged by
};

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// The running stage of aggregates over windows that are kept one by one: sessions, the global window, days, weeks and
// months of a calendar, and windows on a grid that say something before their end or keep nothing of what they have
// said. It takes records in turn, and what a watermark has made due is done before the next record, so that it always
// knows which sessions are still there to be joined. State, timers and snapshots are those of process; a key has one
// timer, for what is due next.
#pragma once
#include <algorithm>
#include <iterator>
#include <string>

#include <weir/operators/aggregate_set.hpp>
#include <weir/operators/evicting_set.hpp>
#include <weir/operators/open_windows.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/windowed.hpp>
#include <weir/windows/grid.hpp>
#include <weir/windows/open_windowing.hpp>

namespace weir {

namespace detail {

template <class Windowing, class Record, class... As>
struct windows_set {
    using type = evicting_set<Record, typename Windowing::evictor_type, As...>;
    [[nodiscard]] static type of(const Windowing& windowing, const std::tuple<As...>& all) {
        return {all, windowing.evicts};
    }
};
template <class Windows, class Record, class... As>
struct windows_set<open_windowing<Windows, no_evictor>, Record, As...> {
    using type = aggregate_set<As...>;
    [[nodiscard]] static type of(const open_windowing<Windows, no_evictor>&, const std::tuple<As...>& all) {
        return {all};
    }
};

template <class Windowing, class Record, class... As>
struct open_windows_description {
    Windowing windowing;
    aggregate_set<As...> aggregates;

    [[nodiscard]] bool order_sensitive() const { return true; }
    [[nodiscard]] bool reads_turns() const { return (needs_stamp<As, Record> || ...); }
    [[nodiscard]] bool results_follow_causes() const {
        return windowing.says.records != 0 || windowing.lateness > duration::zero();
    }
    [[nodiscard]] bool waits_for_watermark() const { return true; }
    [[nodiscard]] std::string text() const { return windowing.text(); }
};

template <class Key, class Record, class Row, class KeyFunction, class Windowing, class... As>
class open_windows_stage final
    : public process_core<Key, Record, open_windows<typename windows_set<Windowing, Record, As...>::type::state_type>,
                          Row> {
    using Windows = typename Windowing::windows_type;

  public:
    using set_type = typename windows_set<Windowing, Record, As...>::type;
    using windows_type = open_windows<typename set_type::state_type>;
    using window_type = typename windows_type::window;
    using core = process_core<Key, Record, windows_type, Row>;
    using description_type = open_windows_description<Windowing, Record, As...>;

    open_windows_stage(const KeyFunction& key, const description_type& description, const stage_site& site)
        : core(true, site), key_(key), how_(description.windowing),
          aggregates_(windows_set<Windowing, Record, As...>::of(description.windowing, description.aggregates.all)) {}

    template <std::size_t, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        const auto take = [this](auto&& value, const stamp_view& at, const auto& find) {
            this->fire_below(at.watermark(), due_);
            const Record& record = value;
            const auto& key = key_(record);
            const bool accepted = accepts(key, record, at);
            if (!accepted && lies_in_gap_ && saturating_add(at.time(), how_.lateness) >= at.watermark()) {
                ++this->counts.filtered;
                return;
            }
            if (!accepted) {
                ++this->counts.late;
                if (!this->late.to.empty()) this->late.push_same(std::forward<decltype(value)>(value), at);
                return;
            }
            ++this->counts.accepted;
            auto& entry = find(key, [] { return windows_type{}; });
            const auto body = [&](auto& context, windows_type& open) {
                std::uint32_t index = 0;
                take_into(open, record, at, [&](const window_type& each) {
                    ++this->counts.updates;
                    const timestamp time = Windows::endless ? at.time() : each.end - one_tick;
                    this->out.push_caused(row(entry.key, each), time, at, index++);
                });
                wake_for_next(context, open);
            };
            this->for_record(entry, at, body, due_);
        };
        groups_.run(*this, records, begin, end, steps, this->store(), key_, take, [](const auto&) {});
    }
    void advance(const mark& progress) override {
        this->fire_below(progress.watermark, due_);
        this->out.flush(&progress);
        this->late.flush(&progress);
    }

    [[nodiscard]] std::string why_not_storable() const override {
        return storable<Key> && storable<windows_type>
                   ? std::string{}
                   : std::string("aggregate: a state of this type cannot be stored: give it save and load");
    }
    [[nodiscard]] std::string schema() const override {
        std::string states;
        const auto add = [&](const auto& aggregate) {
            states += (states.empty() ? "" : ",") + word_in_tag(aggregate.name()) + ":" + tag_of_state(aggregate);
        };
        std::apply([&](const As&... each) { (add(each), ...); }, aggregates_.all);
        return "struct{key:" + tag_if_known<Key>() + ",window:" + how_.text() + ",states:struct{" + states + "}}";
    }
    // Other windows would have other states.
    [[nodiscard]] std::string adopt_schema(std::string_view was, const migration_rules& rules) override {
        return stage::adopt_schema(was, rules);
    }

  private:
    // What process calls when a key's timer is due.
    struct when_due {
        open_windows_stage* self;
        template <class Context> void operator()(Context& context, const Key& key, windows_type& open) const {
            self->wake(context, key, open);
        }
    };

    [[nodiscard]] bool is_open(timestamp end, timestamp watermark) const noexcept {
        return saturating_add(end, how_.lateness) > watermark;
    }
    // Whether some window takes the record. A session that refuses it by itself takes it if it is joined with one that
    // is still there. Leaves the window that it opens in opened_.
    [[nodiscard]] bool accepts(const Key& key, const Record& record, const stamp_view& at) {
        bool accepted = false;
        lies_in_gap_ = true;
        how_.windows.windows_of(record, at.time(), [&](timestamp start, timestamp end) {
            if (!Windows::endless && (start == time_lowest || end == time_highest)) [[unlikely]] refuse_ends_of_time();
            opened_ = {start, end};
            lies_in_gap_ = false;
            accepted = accepted || is_open(end, at.watermark());
        });
        if constexpr (Windows::joins) {
            if (!accepted) [[unlikely]] {
                auto* const there = this->store().find(key, key_hash(key));
                if (there == nullptr) return false;
                const auto touched = there->value.first_touched(opened_.start);
                return touched != there->value.windows.end() && touched->start <= opened_.end;
            }
        }
        return accepted;
    }
    [[noreturn]] void refuse_ends_of_time() const {
        throw error(error_kind::input, how_.windows.text() +
                                           ": a record's windows reach beyond the ends of time, the years 1677 and "
                                           "2262: correct its time, or filter it before");
    }

    template <class Say>
    void take_into(windows_type& open, const Record& record, const stamp_view& at, const Say& say) {
        if constexpr (Windows::joins) {
            add(open, joined(open), record, at, say);
        } else {
            how_.windows.windows_of(record, at.time(), [&](timestamp start, timestamp end) {
                if (!is_open(end, at.watermark())) return;
                add(open, open.find_or_add(start, end, [&] { return aggregates_.create(); }), record, at, say);
            });
        }
    }
    // The session that the record's own becomes part of.
    window_type& joined(windows_type& open) {
        const auto first = open.first_touched(opened_.start);
        if (first == open.windows.end() || first->start > opened_.end) {
            return *open.windows.insert(first, window_type{opened_.start, opened_.end, aggregates_.create()});
        }
        auto next = std::next(first);
        first->start = std::min(first->start, opened_.start);
        first->end = std::max(first->end, opened_.end);
        for (; next != open.windows.end() && next->start <= opened_.end; ++next) {
            aggregates_.merge(first->state, next->state);
            first->unsaid += next->unsaid;
            first->end = std::max(first->end, next->end);
        }
        first->boundary = time_highest;
        open.windows.erase(std::next(first), next);
        return *first;
    }
    template <class Say>
    void add(windows_type& open, window_type& to, const Record& record, const stamp_view& at, const Say& say) {
        aggregates_.add(to.state, record, at);
        ++to.unsaid;
        to.ended = to.end <= at.watermark();
        const bool is_update = to.ended && how_.says.at_end && !how_.says.after_lateness;
        if (is_update || (how_.says.records != 0 && to.unsaid >= how_.says.records)) {
            before_saying(to);
            say(std::as_const(to));
            if (!keep(to)) open.windows.erase(open.windows.begin() + (&to - open.windows.data()));
        } else if (how_.says.interval > duration::zero() && to.boundary == time_highest && !to.ended) {
            to.boundary = next_boundary(to, at);
        }
    }
    void before_saying(window_type& speaking) {
        if constexpr (requires { aggregates_.evict_before(speaking.state); }) aggregates_.evict_before(speaking.state);
    }
    // The window has said what it has; whether there is any reason to keep it.
    bool keep(window_type& said) {
        said.unsaid = 0;
        if constexpr (requires { aggregates_.evict_after(said.state); }) aggregates_.evict_after(said.state);
        if (how_.keeps == accumulating) return true;
        said.state = aggregates_.create();
        return Windows::joins;  // others are made again when a record comes
    }
    // The first that the watermark has not reached. The global window's count from the epoch.
    [[nodiscard]] timestamp next_boundary(const window_type& of, const stamp_view& at) const {
        const duration step = how_.says.interval;
        const bool early = at.watermark() == time_lowest;
        timestamp from = of.start;
        if constexpr (Windows::endless) {
            from = align_down(early ? at.time() : at.watermark(), step);
        } else if (!early && at.watermark() > of.start) {
            from += (at.watermark() - of.start) / step * step;
        }
        const timestamp next = saturating_add(from, step);
        return next < of.end ? next : time_highest;
    }

    // The time that the watermark must pass.
    [[nodiscard]] timestamp gone_at(const window_type& each) const noexcept {
        return saturating_add(each.end, how_.lateness) - one_tick;
    }
    [[nodiscard]] bool waits_for_end(const window_type& each) const noexcept {
        return how_.says.at_end && !how_.says.after_lateness && !each.ended;
    }
    [[nodiscard]] timestamp due(const window_type& each) const noexcept {
        return std::min(waits_for_end(each) ? each.end : gone_at(each) + one_tick, each.boundary) - one_tick;
    }
    template <class Context> void wake_for_next(Context& context, windows_type& open) {
        timestamp next = time_highest;
        for (const window_type& each : open.windows) next = std::min(next, due(each));
        if (open.windows.empty()) {
            context.forget();
        } else if (next < open.wakes_at) {
            context.set_timer(next);
            open.wakes_at = next;
        }
    }
    template <class Context> void wake(Context& context, const Key& key, windows_type& open) {
        const timestamp now = context.time();
        if (open.wakes_at <= now) open.wakes_at = time_highest;
        const auto say = [&](window_type& each) {
            if (each.unsaid == 0) return;
            before_saying(each);
            context.emit(row(key, each));
            static_cast<void>(keep(each));
        };
        const auto goes = [&](window_type& each) {
            if (due(each) > now) return false;
            const bool ends = waits_for_end(each) && each.end - one_tick == now;
            const bool finally = how_.says.after_lateness && gone_at(each) == now;
            const bool between = each.boundary != time_highest && each.boundary - one_tick == now;
            if (ends || finally || between) say(each);
            each.ended = each.ended || ends;
            if (between) each.boundary = time_highest;
            return gone_at(each) == now;
        };
        // In the order of their starts.
        open.windows.erase(std::remove_if(open.windows.begin(), open.windows.end(), goes), open.windows.end());
        wake_for_next(context, open);
    }
    [[nodiscard]] Row row(const Key& key, const window_type& of) const {
        return make_row<Row>(key, of.start, of.end, aggregates_.results(of.state));
    }

    struct span {
        timestamp start, end;
    };
    KeyFunction key_;
    Windowing how_;
    set_type aggregates_;
    const when_due due_{this};
    span opened_{};              // by the present record
    bool lies_in_gap_ = false;  // it
    keyed_groups<typename core::store_type, Record> groups_;
};

}  // namespace detail
}  // namespace weir

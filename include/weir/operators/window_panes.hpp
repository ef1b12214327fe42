// SPDX-License-Identifier: Apache-2.0
// The panes of one key: partial aggregates by pane, in order of time. Mostly one or a few, so they lie side by side.
#pragma once
#include <algorithm>
#include <tuple>
#include <utility>

#include <boost/container/small_vector.hpp>

#include <weir/aggregates/aggregate.hpp>
#include <weir/record/binary.hpp>
#include <weir/time/stamp.hpp>

namespace weir::detail {

// The aggregates of a stage and the tuple of their states.
template <class... As>
struct aggregate_set {
    std::tuple<As...> all;
    using state_type = std::tuple<typename As::state_type...>;

    [[nodiscard]] state_type create() const {
        return std::apply([](const As&... each) { return state_type{each.create()...}; }, all);
    }
    // The stamp is only made if an aggregate reads it.
    template <class Record, class View> void add(state_type& state, const Record& record, const View& at) const {
        if constexpr ((needs_stamp<As, Record> || ...)) {
            add_with(state, record, at.full(), std::index_sequence_for<As...>{});
        } else {
            static const stamp unread{};
            add_with(state, record, unread, std::index_sequence_for<As...>{});
        }
    }
    void merge(state_type& state, const state_type& other) const {
        merge_with(state, other, std::index_sequence_for<As...>{});
    }
    [[nodiscard]] auto results(const state_type& state) const {
        return results_with(state, std::index_sequence_for<As...>{});
    }

  private:
    template <class Record, std::size_t... I>
    void add_with(state_type& state, const Record& record, const stamp& at, std::index_sequence<I...>) const {
        (detail::add(std::get<I>(all), std::get<I>(state), record, at), ...);
    }
    template <std::size_t... I>
    void merge_with(state_type& state, const state_type& other, std::index_sequence<I...>) const {
        (std::get<I>(all).merge(std::get<I>(state), std::get<I>(other)), ...);
    }
    template <std::size_t... I> auto results_with(const state_type& state, std::index_sequence<I...>) const {
        return std::tuple<aggregate_result<As>...>{std::get<I>(all).result(std::get<I>(state))...};
    }
};

template <class State>
struct window_pane {
    timestamp start{};
    // The first window end that accepts these records. Records that come when some of their windows already refuse
    // them have a pane of their own, so that an order-free stage may fire windows whenever it likes.
    timestamp first_end{};
    State state;

    void save(binary_writer& writer) const
        requires storable<State>
    {
        weir::save(writer, start);
        weir::save(writer, first_end);
        weir::save(writer, state);
    }
};

template <class State>
class key_panes {
  public:
    using pane = window_pane<State>;

    // The pane that starts at `start` for records first accepted by the window that ends at `first_end`; made by
    // make() if there is none, which is said through `made`.
    template <class Make> pane& at(timestamp start, timestamp first_end, bool& made, Make&& make) {
        auto place = panes_.end();
        while (place != panes_.begin()) {
            const pane& before = *std::prev(place);
            if (before.start == start && before.first_end == first_end) return *std::prev(place);
            if (before.start < start || (before.start == start && before.first_end < first_end)) break;
            --place;
        }
        made = true;
        return *panes_.insert(place, pane{start, first_end, make()});
    }
    // Drops the panes that start before `start`; tells how many through dropped(start of each).
    template <class Dropped> void drop_before(timestamp start, Dropped&& dropped) {
        auto end = panes_.begin();
        while (end != panes_.end() && end->start < start) dropped((end++)->start);
        panes_.erase(panes_.begin(), end);
    }
    [[nodiscard]] bool empty() const noexcept { return panes_.empty(); }
    [[nodiscard]] const auto& all() const noexcept { return panes_; }
    void push(pane loaded) { panes_.push_back(std::move(loaded)); }

  private:
    boost::container::small_vector<pane, 1> panes_;
};

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <tuple>
#include <utility>

#include <weir/aggregates/aggregate.hpp>
#include <weir/record/schema.hpp>
#include <weir/time/stamp.hpp>

namespace weir::detail {

// What a stage's schema says of an aggregate's state. Where the state depends on what the aggregate was given, a bound
// or an accuracy, the aggregate says the tag itself, so that a program with another one does not go on with it.
template <class A>
[[nodiscard]] std::string tag_of_state(const A& aggregate) {
    if constexpr (requires { aggregate.state_tag(); }) {
        return aggregate.state_tag();
    } else {
        return tag_if_known<typename A::state_type>();
    }
}

// The aggregates of a stage and the tuple of their states.
template <class... As>
struct aggregate_set {
    std::tuple<As...> all;
    using state_type = std::tuple<typename As::state_type...>;
    static constexpr bool takes_back = ((unmergeable<As> && commutes<As>)&&...);

    [[nodiscard]] state_type create() const {
        return std::apply([](const As&... each) { return state_type{each.create()...}; }, all);
    }
    // The stamp is only made if an aggregate reads it.
    template <class Record, class View> void add(state_type& state, const Record& record, const View& at) const {
        if constexpr ((needs_stamp<As, Record> || ...)) {
            add_with(state, record, at.full(), std::index_sequence_for<As...>{});
        } else {
            add_without(state, record, std::index_sequence_for<As...>{});
        }
    }
    void merge(state_type& state, const state_type& other) const {
        merge_with(state, other, std::index_sequence_for<As...>{});
    }
    void unmerge(state_type& state, const state_type& other) const
        requires takes_back
    {
        unmerge_with(state, other, std::index_sequence_for<As...>{});
    }
    [[nodiscard]] auto results(const state_type& state) const {
        return results_with(state, std::index_sequence_for<As...>{});
    }

  private:
    template <class Record, std::size_t... I>
    void add_with(state_type& state, const Record& record, const stamp& at, std::index_sequence<I...>) const {
        (detail::add(std::get<I>(all), std::get<I>(state), record, at), ...);
    }
    template <class Record, std::size_t... I>
    void add_without(state_type& state, const Record& record, std::index_sequence<I...>) const {
        (std::get<I>(all).add(std::get<I>(state), record), ...);
    }
    template <std::size_t... I>
    void merge_with(state_type& state, const state_type& other, std::index_sequence<I...>) const {
        (std::get<I>(all).merge(std::get<I>(state), std::get<I>(other)), ...);
    }
    template <std::size_t... I>
    void unmerge_with(state_type& state, const state_type& other, std::index_sequence<I...>) const {
        (std::get<I>(all).unmerge(std::get<I>(state), std::get<I>(other)), ...);
    }
    template <std::size_t... I> auto results_with(const state_type& state, std::index_sequence<I...>) const {
        return std::tuple<aggregate_result<As>...>{std::get<I>(all).result(std::get<I>(state))...};
    }
};

}  // namespace weir::detail

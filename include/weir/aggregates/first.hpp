// SPDX-License-Identifier: Apache-2.0
// The value of the earliest record by (time, turn), whatever order they came in. It cannot be taken back. For no
// records: the type's default.
#pragma once
#include <string>
#include <utility>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/outermost.hpp>
#include <weir/aggregates/projection.hpp>

namespace weir {

namespace detail {
template <class P>
struct taking_first : projecting<P> {
    using value_type = typename projecting<P>::value_type;
    using state_type = outermost<value_type, true>;
    static constexpr bool commutes = true;

    [[nodiscard]] state_type create() const { return {}; }
    template <class Record>
        requires projects<P, Record>
    void add(state_type& state, const Record& record, const stamp& at) const {
        if (state.beaten_by(at)) state.take(this->value_of(record), at);
    }
    void merge(state_type& state, const state_type& other) const { state.merge(other); }
    [[nodiscard]] value_type result(const state_type& state) const { return state.value(); }
    [[nodiscard]] std::string name() const { return this->named("first"); }
};
}  // namespace detail

template <class P>
[[nodiscard]] detail::taking_first<P> first(P project) {
    return {{std::move(project)}};
}

}  // namespace weir

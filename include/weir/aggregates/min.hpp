// SPDX-License-Identifier: Apache-2.0
// The smallest value, doubles by IEEE 754's total order (-0 below +0, NaN at the ends). It cannot be taken back. For no
// records: of numbers the highest number or NaN; else the type's default.
#pragma once
#include <concepts>
#include <string>
#include <utility>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/extreme.hpp>
#include <weir/aggregates/projection.hpp>

namespace weir {

namespace detail {
template <class P>
struct minimizing : projecting<P> {
    using value_type = typename projecting<P>::value_type;
    static_assert(std::totally_ordered<value_type>, "min needs values that < orders totally");
    using state_type = extreme<value_type, false>;
    static constexpr bool commutes = true;

    [[nodiscard]] state_type create() const { return {}; }
    template <class Record>
        requires projects<P, Record>
    void add(state_type& state, const Record& record) const {
        state.add(this->value_of(record));
    }
    void merge(state_type& state, const state_type& other) const { state.merge(other); }
    [[nodiscard]] value_type result(const state_type& state) const { return state.value(); }
    [[nodiscard]] std::string name() const { return this->named("min"); }
};
}  // namespace detail

template <class P>
[[nodiscard]] detail::minimizing<P> min(P project) {
    return {{std::move(project)}};
}

}  // namespace weir

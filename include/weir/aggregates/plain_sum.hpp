// SPDX-License-Identifier: Apache-2.0
// The sum of a number in ordinary doubles, rounded at each step: as fast as the machine adds, and order-sensitive.
// Integers beyond 2^53 are rounded before they are added.
#pragma once
#include <string>
#include <utility>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/projection.hpp>

namespace weir {

namespace detail {
template <class P>
struct plain_summing : projecting<P> {
    static_assert(number<typename projecting<P>::value_type>,
                  "plain_sum needs a number: float, double or an integer of up to 64 bits");
    using state_type = double;
    static constexpr bool commutes = false;

    [[nodiscard]] state_type create() const noexcept { return 0.0; }
    template <class Record>
        requires projects<P, Record>
    void add(state_type& state, const Record& record) const {
        state += static_cast<double>(this->value_of(record));
    }
    // Not the same as adding the other's records one by one: who merges must merge the same pieces in every run.
    void merge(state_type& state, const state_type& other) const noexcept { state += other; }
    [[nodiscard]] double result(const state_type& state) const noexcept { return state; }
    [[nodiscard]] std::string name() const { return this->named("plain_sum"); }
};
}  // namespace detail

template <class P>
[[nodiscard]] detail::plain_summing<P> plain_sum(P project) {
    return {{std::move(project)}};
}

}  // namespace weir

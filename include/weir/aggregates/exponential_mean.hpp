// SPDX-License-Identifier: Apache-2.0
// exponential_mean(&Reading::load, 5min): the mean in which a record counts half as much as one that is five minutes
// younger. The weights may be thought of as relative to the window's end, or to any other time: it cancels out.
//
// Weights are rounded once, to 59 bits or more; everything else is exact until the mean is rounded to a double. Times
// are event times. Records 1,024 half-lives older than the newest, or more, are left out. NaN for no records, and if a
// value is NaN or there are infinities of both signs; else an infinity if there is one.
//
// O(1) per record for the newest half-life, O(log n) for an older one; a merge and a result are O(n), where n is how
// many half-lives of the window have records. Memory: 80 bytes for each of these, and 536 more where values of one
// spread over more than about 190 binary digits. Nothing can be taken back. A half-life that is not above zero is a
// configuration error.
#pragma once
#include <string>
#include <utility>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/decaying_sums.hpp>
#include <weir/aggregates/projection.hpp>
#include <weir/base/error.hpp>
#include <weir/time/stamp.hpp>

namespace weir {

namespace detail {
template <class P>
struct averaging_exponentially : projecting<P> {
    using value_type = typename projecting<P>::value_type;
    static_assert(number<value_type>, "exponential_mean needs a number: float, double or an integer of up to 64 bits");
    using state_type = decaying_sums;
    static constexpr bool commutes = true;

    duration half_life{1};

    template <class Q>
    [[nodiscard]] averaging_exponentially<Q> rebound(Q other) const {
        return {{std::move(other)}, half_life};
    }
    [[nodiscard]] state_type create() const { return {}; }
    template <class Record>
        requires projects<P, Record>
    void add(state_type& state, const Record& record, const stamp& at) const {
        state.add(static_cast<value_type>(this->value_of(record)), decay_weight_of(at.time, half_life));
    }
    void merge(state_type& state, const state_type& other) const { state.merge(other); }
    [[nodiscard]] double result(const state_type& state) const { return state.mean(); }
    [[nodiscard]] std::string name() const { return this->named("exponential_mean"); }
    [[nodiscard]] std::string state_tag() const {
        return "decaying_sums<" + std::to_string(half_life.count()) + ">";
    }
};
}  // namespace detail

template <class P>
[[nodiscard]] detail::averaging_exponentially<P> exponential_mean(P value, duration half_life) {
    if (half_life <= duration::zero()) {
        throw error(error_kind::configuration, "exponential_mean needs a half-life above zero");
    }
    return {{std::move(value)}, half_life};
}

}  // namespace weir

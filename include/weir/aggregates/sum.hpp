// SPDX-License-Identifier: Apache-2.0
// The sum of a number: exact, then the nearest double; of whole numbers a 64-bit number of the same sign kind, and an
// error if it does not fit.
#pragma once
#include <limits>
#include <string>
#include <utility>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/exact_total.hpp>
#include <weir/aggregates/projection.hpp>
#include <weir/base/error.hpp>

namespace weir {

namespace detail {
template <class P>
struct summing : projecting<P> {
    using value_type = typename projecting<P>::value_type;
    static_assert(number<value_type>, "sum needs a number: float, double or an integer of up to 64 bits");
    using state_type = exact_total<value_type>;
    using result_type =
        std::conditional_t<real_number<value_type>, double,
                           std::conditional_t<std::is_signed_v<value_type>, std::int64_t, std::uint64_t>>;
    static constexpr bool commutes = true;

    [[nodiscard]] state_type create() const noexcept { return {}; }
    template <class Record>
        requires projects<P, Record>
    void add(state_type& state, const Record& record) const {
        state.add(this->value_of(record));
    }
    template <class Record>
        requires projects<P, Record>
    void remove(state_type& state, const Record& record) const {
        state.subtract(this->value_of(record));
    }
    void merge(state_type& state, const state_type& other) const { state.merge(other); }
    void unmerge(state_type& state, const state_type& other) const { state.subtract(other); }
    // Throws error of kind `user` if a sum of whole numbers leaves 64 bits: wrapping would be a silent lie.
    [[nodiscard]] result_type result(const state_type& state) const {
        if constexpr (real_number<value_type>) {
            return state.value();
        } else {
            using limits = std::numeric_limits<result_type>;
            if (state.total() < limits::min() || state.total() > limits::max()) {
                throw error(error_kind::user, name() + " leaves 64 bits: sum it as double");
            }
            return static_cast<result_type>(state.total());
        }
    }
    [[nodiscard]] std::string name() const { return this->named("sum"); }
};
}  // namespace detail

template <class P>
[[nodiscard]] detail::summing<P> sum(P project) {
    return {{std::move(project)}};
}

}  // namespace weir

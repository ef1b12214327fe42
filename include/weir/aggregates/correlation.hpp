// SPDX-License-Identifier: Apache-2.0
// correlation(&Reading::load, &Reading::heat): Pearson's coefficient, from -1 to 1, exact and rounded once, of any
// finite doubles and of whole numbers. Empty below two records, and where one of the numbers is always the same: then
// there is none. NaN if a number is NaN or infinite.
//
// O(1) per record, also to take one back; a merge is O(1). A state is 256 bytes, and 536 more for each of its five sums
// whose terms spread over more than about 190 binary digits. A result goes through whole numbers of any size: about a
// microsecond.
#pragma once
#include <optional>
#include <string>
#include <utility>

#include <weir/aggregates/covariance.hpp>

namespace weir {

namespace detail {
template <class P, class Q>
struct correlating : pairing<P, Q, true> {
    using state_type = exact_pairs<true>;
    [[nodiscard]] std::optional<double> result(const state_type& state) const { return state.correlation(); }
    [[nodiscard]] std::string name() const { return this->named("correlation"); }
};
}  // namespace detail

template <class P, class Q>
[[nodiscard]] detail::correlating<P, Q> correlation(P left, Q right) {
    return {{{std::move(left)}, {std::move(right)}}};
}

}  // namespace weir

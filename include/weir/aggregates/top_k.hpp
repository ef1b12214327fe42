// SPDX-License-Identifier: Apache-2.0
//   top_k(5, &Payment::amount)                        the five largest amounts, the largest first
//   top_k(5, &Payment::amount, &Payment::merchant)    pairs of an amount and its record's merchant
//
// Exact. Values are compared by `<`, doubles by IEEE 754's total order (-0 below +0, NaN at the ends); of equal ones
// the earliest record by (time, turn) goes first. Fewer records give a shorter list. Memory: k values, or k pairs with
// their stamps. A record that is not among the k costs one comparison, another O(log k) and up to k moves; a merge is
// O(k). Nothing can be taken back. k == 0 is a configuration error.
#pragma once
#include <cstddef>
#include <utility>

#include <weir/aggregates/top_list.hpp>

namespace weir {

template <class P>
[[nodiscard]] detail::taking_top_values<P, true> top_k(std::size_t k, P value) {
    return {{std::move(value)}, detail::checked_top<true>(k)};
}
template <class By, class Of>
[[nodiscard]] detail::taking_top_records<By, Of, true> top_k(std::size_t k, By value, Of other) {
    return {{std::move(value)}, {std::move(other)}, detail::checked_top<true>(k)};
}

}  // namespace weir

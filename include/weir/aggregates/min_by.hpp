// SPDX-License-Identifier: Apache-2.0
// min_by(&Payment::amount, &Payment::merchant): the merchant of the smallest amount. Amounts are compared as min
// compares them: doubles by IEEE 754's total order (-0 below +0, NaN at the ends). Of several records with that amount
// the earliest by (time, turn) decides. For no records: the type's default. To keep the whole record, let the second
// function return it.
//
// O(1) per record and per merge, nothing is rounded. One key, one stamp and one value are kept; they cannot be taken
// back.
#pragma once
#include <utility>

#include <weir/aggregates/extreme_by.hpp>

namespace weir {

template <class By, class Of>
[[nodiscard]] detail::taking_extreme_by<By, Of, false> min_by(By key, Of value) {
    return {{std::move(key)}, {std::move(value)}};
}

}  // namespace weir

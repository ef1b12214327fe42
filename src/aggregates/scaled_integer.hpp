// SPDX-License-Identifier: Apache-2.0
// An exact sum as a whole number of any size.
#pragma once
#include <weir/aggregates/exact_product_sum.hpp>

#include "rounded_quotient.hpp"

namespace weir::detail {

// integer * 2^exponent.
struct scaled_integer {
    multiprecision::cpp_int integer;
    int exponent = 0;
};

[[nodiscard]] inline scaled_integer scaled(const exact_product_sum& sum) {
    const auto value = sum.value();
    scaled_integer result;
    if (value.zero()) return result;
    const auto magnitude = value.magnitude();
    const std::size_t first = wide_trailing_zeros(magnitude.words) / 64;
    const std::size_t end = (wide_bit_length(magnitude.words) + 63) / 64;
    result.integer = integer_of(words_view{magnitude.words}.subspan(first, end - first));
    result.exponent = exact_product_sum::lowest_exponent + static_cast<int>(first * 64);
    if (value.negative()) result.integer = -result.integer;
    return result;
}

}  // namespace weir::detail

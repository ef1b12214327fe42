// SPDX-License-Identifier: Apache-2.0
// What exact_moments spills into; seen only by its two source files.
#pragma once
#include <weir/aggregates/exact_moments.hpp>
#include <weir/aggregates/wide_integer.hpp>

namespace weir {

struct exact_moments::spill {
    // The lowest bit of the sum is worth 2^-1074, that of the squares 2^-2148. 4,196 bits hold the square of any finite
    // double, the rest 2^91 of the largest.
    detail::wide_integer<34> sum;
    detail::wide_integer<67> squares;
    std::uint64_t not_finite = 0;  // how many NaN and infinities: any of them makes the variance NaN

    void add(detail::int128 added, const detail::uint256& added_squares, int place, bool negative) noexcept;
};

}  // namespace weir

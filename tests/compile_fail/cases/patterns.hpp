// SPDX-License-Identifier: Apache-2.0
// What cases of patterns start from.
#pragma once
#include <weir/operators/match.hpp>

#include "reading.hpp"

inline constexpr weir::pattern_stage<"low"> low{};
inline constexpr weir::pattern_stage<"high"> high{};
inline constexpr weir::pattern_stage<"other"> other{};
inline constexpr auto is_low = [](const reading& each) { return each.value < 1; };
inline constexpr auto is_high = [](const reading& each) { return each.value > 9; };
inline constexpr auto count_high = [](const auto& match) { return match[high].size(); };
inline auto rising() {
    return weir::pattern(weir::begin(low, is_low), weir::followed_by(high, is_high), weir::within(1s));
}

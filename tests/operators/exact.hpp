// SPDX-License-Identifier: Apache-2.0
// The exact sum of the values that support.hpp makes, by another way than weir's: whole multiples of 2^-30, added as
// 128-bit numbers and rounded once.
#pragma once
#include "operators/support.hpp"

namespace operators_test {

[[nodiscard]] inline double exact_sum(const readings& records) {
    __int128 total = 0;
    for (const reading& each : records) {
        int exponent = 0;
        const double mantissa = std::frexp(each.value, &exponent);
        // 53 bits of mantissa, of which the lowest are zero: every value is a whole multiple of 2^-30.
        const auto whole = static_cast<__int128>(static_cast<std::int64_t>(std::ldexp(mantissa, 53)));
        const int shift = exponent - 53 + 30;
        total +=
            shift >= 0 ? whole * (static_cast<__int128>(1) << shift) : whole / (static_cast<__int128>(1) << -shift);
    }
    return std::ldexp(static_cast<double>(total), -30);
}

[[nodiscard]] inline timestamp floor10(timestamp at) {
    const auto count = at.time_since_epoch().count();
    return nanosecond((count >= 0 ? count / 10 : (count - 9) / 10) * 10);
}

}  // namespace operators_test

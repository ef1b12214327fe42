// SPDX-License-Identifier: Apache-2.0
// Quotients of whole numbers of any size, rounded once: where variances, covariances and correlations are read.
#pragma once
#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>

#include <weir/aggregates/rounding.hpp>
#include <weir/aggregates/wide_integer.hpp>

namespace weir::detail {

namespace multiprecision = boost::multiprecision;

[[nodiscard]] inline multiprecision::cpp_int integer_of(words_view words) {
    multiprecision::cpp_int integer;
    multiprecision::import_bits(integer, words.begin(), words.end(), 64, false);
    return integer;
}

// numerator * 2^exponent / denominator, both positive. 64 bits of the quotient, and whether there is more, decide.
[[nodiscard]] inline double rounded_quotient(multiprecision::cpp_int numerator,
                                             multiprecision::cpp_int denominator, int exponent) {
    const int shift = 64 - static_cast<int>(msb(numerator)) + static_cast<int>(msb(denominator));
    if (shift > 0) numerator <<= shift;
    if (shift < 0) denominator <<= -shift;
    multiprecision::cpp_int quotient;
    multiprecision::cpp_int remainder;
    divide_qr(numerator, denominator, quotient, remainder);  // 2^63 < quotient < 2^65
    bool more = remainder != 0;
    int scale = exponent - shift;
    if (msb(quotient) == 64) {
        more = more || bit_test(quotient, 0);
        quotient >>= 1;
        ++scale;
    }
    return round_to_double(false, static_cast<std::uint64_t>(quotient), more, scale);
}

}  // namespace weir::detail

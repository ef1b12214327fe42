// SPDX-License-Identifier: Apache-2.0
// (n*Sxx - Sx*Sx) / (n * divisor), exact and rounded once. With up to 2^32 values in the window it is one division of
// 128 by 64 bits; everything else goes through Boost.Multiprecision.
#include <array>
#include <limits>

#include "exact_moments_spill.hpp"
#include "rounded_quotient.hpp"

namespace weir {

namespace multiprecision = boost::multiprecision;

using detail::int128;
using detail::uint128;
using detail::uint256;

namespace {

double general_spread(const multiprecision::cpp_int& sum, const multiprecision::cpp_int& squares, std::uint64_t count,
                      std::uint64_t divisor, int exponent) {
    const multiprecision::cpp_int numerator = squares * count - sum * sum;
    if (numerator <= 0) return 0.0;
    return detail::rounded_quotient(numerator, multiprecision::cpp_int{count} * divisor, exponent);
}

// count * squares - sum^2 in five words.
std::array<std::uint64_t, 5> numerator_of(int128 sum, const uint256& squares, std::uint64_t count) noexcept {
    std::array<std::uint64_t, 5> words{};
    const std::array<uint128, 4> factors{detail::low_word(squares.low), detail::high_word(squares.low),
                                         detail::low_word(squares.high), detail::high_word(squares.high)};
    uint128 carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        carry += factors[i] * count;
        words[i] = detail::low_word(carry);
        carry >>= 64;
    }
    words[4] = detail::low_word(carry);
    const uint256 square = detail::square(detail::magnitude_of(sum));
    const std::array<std::uint64_t, 5> taken{detail::low_word(square.low), detail::high_word(square.low),
                                             detail::low_word(square.high), detail::high_word(square.high), 0};
    detail::add_wide(words, taken, true);
    return words;
}

// The quotient by a divisor below 2^64: both are shifted so that the quotient has 63 or 64 bits.
double quick_quotient(detail::words_view numerator, std::uint64_t denominator, int exponent) noexcept {
    const auto length = static_cast<int>(detail::wide_bit_length(numerator));
    if (length == 0) return 0.0;
    bool more = false;
    const uint128 top = detail::bits_from(numerator, length - 128, more);
    const int shift = std::countl_zero(denominator);
    const std::uint64_t divisor = denominator << shift;
    const uint128 dividend = top >> 1;  // its high word is below the divisor, so that the quotient fits a word
    const auto quotient = static_cast<std::uint64_t>(dividend / divisor);
    more = more || (top & 1) != 0 || uint128{quotient} * divisor != dividend;
    const int zeros = std::countl_zero(quotient);
    return detail::round_to_double(false, quotient << zeros, more, exponent + length - 127 + shift - zeros);
}

}  // namespace

double exact_moments::spread(std::uint64_t divisor) const {
    const int exponent = 2 * (static_cast<int>(spilled() ? 1 : place_) - 1075);
    if (spilled()) {
        const spill& wide = spilled_moments();
        if (wide.not_finite != 0) return std::numeric_limits<double>::quiet_NaN();
        return general_spread(detail::integer_of(wide.sum.magnitude().words), detail::integer_of(wide.squares.words),
                              count_, divisor, exponent);
    }
    const uint128 denominator = uint128{count_} * divisor;
    if (detail::high_word(denominator) == 0) {
        return quick_quotient(numerator_of(sum_, squares_, count_), detail::low_word(denominator), exponent);
    }
    const uint128 magnitude = detail::magnitude_of(sum_);
    const std::array<std::uint64_t, 2> sum{detail::low_word(magnitude), detail::high_word(magnitude)};
    const std::array<std::uint64_t, 4> squares{detail::low_word(squares_.low), detail::high_word(squares_.low),
                                               detail::low_word(squares_.high), detail::high_word(squares_.high)};
    return general_spread(detail::integer_of(sum), detail::integer_of(squares), count_, divisor, exponent);
}

}  // namespace weir

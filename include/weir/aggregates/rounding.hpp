// SPDX-License-Identifier: Apache-2.0
// From an exact integer to the nearest double, ties to even: the one place where exact aggregates round.
#pragma once
#include <bit>
#include <cstdint>
#include <limits>

namespace weir::detail {

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

inline constexpr std::uint64_t fraction_mask = (std::uint64_t{1} << 52) - 1;
inline constexpr std::uint64_t implicit_bit = std::uint64_t{1} << 52;
inline constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;
inline constexpr std::uint64_t exponent_of_infinity = 2047;

[[nodiscard]] constexpr std::uint64_t low_word(uint128 value) noexcept { return static_cast<std::uint64_t>(value); }
[[nodiscard]] constexpr std::uint64_t high_word(uint128 value) noexcept {
    return static_cast<std::uint64_t>(value >> 64);
}
[[nodiscard]] constexpr uint128 magnitude_of(int128 value) noexcept {
    return value < 0 ? uint128{0} - static_cast<uint128>(value) : static_cast<uint128>(value);
}

// The number of bits up to the highest set one; 0 for 0.
[[nodiscard]] constexpr int bit_length(uint128 value) noexcept {
    const auto high = high_word(value);
    return high != 0 ? 128 - std::countl_zero(high) : 64 - std::countl_zero(low_word(value));
}
[[nodiscard]] constexpr int trailing_zeros(uint128 value) noexcept {
    const auto low = low_word(value);
    return low != 0 ? std::countr_zero(low) : 64 + std::countr_zero(high_word(value));
}

// The double nearest to +-(leading + rest) * 2^exponent, where `leading` has its highest bit set and 0 <= rest < 2 is
// non-zero exactly if `more` says so (and below 1 if leading is odd). Gives subnormals, and infinity beyond the range.
[[nodiscard]] constexpr double round_to_double(bool negative, std::uint64_t leading, bool more, int exponent) noexcept {
    const int field = exponent + 11 + 1075;  // the exponent field, if the result is a normal number
    std::uint64_t bits = exponent_of_infinity << 52;
    if (field < 2047) {
        const int dropped = field >= 1 ? 11 : 12 - field;  // a subnormal keeps fewer bits
        if (dropped > 64) {
            bits = 0;
        } else {
            std::uint64_t kept = dropped == 64 ? 0 : leading >> dropped;
            const std::uint64_t half = std::uint64_t{1} << (dropped - 1);
            const std::uint64_t rest = dropped == 64 ? leading : leading & ((half << 1) - 1);
            kept += static_cast<std::uint64_t>((rest > half) | ((rest == half) & (more | ((kept & 1) != 0))));
            // The implicit bit, and a carry out of the fraction, count the exponent up by themselves.
            bits = kept + (field >= 1 ? static_cast<std::uint64_t>(field - 1) << 52 : 0);
        }
    }
    return std::bit_cast<double>(bits | (negative ? sign_bit : 0));
}

// The double nearest to value * 2^exponent; zero is +0.
[[nodiscard]] constexpr double round_to_double(int128 value, int exponent) noexcept {
    if (value == 0) return 0.0;
    const uint128 magnitude = magnitude_of(value);
    const int shift = 128 - bit_length(magnitude);
    const uint128 aligned = magnitude << shift;
    return round_to_double(value < 0, high_word(aligned), low_word(aligned) != 0, exponent + 64 - shift);
}

}  // namespace weir::detail

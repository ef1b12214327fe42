// SPDX-License-Identifier: Apache-2.0
// Where a fixed-point window lies on the line of binary exponents.
//
// The window's place is the smallest exponent field (bits 52 to 62 of a double) whose values it takes; its lowest bit
// is worth 2^(place - 1075). It takes normal doubles whose field is at most `window_reach` above. The same word holds,
// above 4095, the address of what an accumulator has spilled into: then, and while the accumulator is empty, no field
// is in reach, so that one unsigned comparison tells all cases apart.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>

#include <weir/aggregates/rounding.hpp>

namespace weir::detail {

inline constexpr std::uint64_t window_reach = 63;
inline constexpr std::uint64_t place_of_nothing = 4095;
inline constexpr int smallest_place = 1;
// Infinity and NaN, field 2047, are out of reach wherever the window lies.
inline constexpr int largest_place = 2046 - static_cast<int>(window_reach);
// Bits of a value that fits after a move; one more is left for the addition that follows, one for the sign.
inline constexpr int window_bits = 126;

static_assert(sizeof(void*) == sizeof(std::uint64_t), "the place doubles as an address");

// The integer m of a finite double m * 2^(field - 1075), and its field, which is 1 for subnormals.
struct decomposed {
    int128 integer = 0;
    int field = 1;
};
[[nodiscard]] constexpr decomposed decompose(double value) noexcept {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const auto field = static_cast<int>((bits >> 52) & exponent_of_infinity);
    const std::uint64_t fraction = (bits & fraction_mask) | (field != 0 ? implicit_bit : 0);
    const auto integer = static_cast<int128>(fraction);
    return {(bits & sign_bit) != 0 ? -integer : integer, field != 0 ? field : 1};
}

// The bits between `lowest` (inclusive) and `highest` (exclusive), both counted like places.
struct bit_range {
    int lowest = 0;
    int highest = 0;
};
[[nodiscard]] constexpr bit_range range_of(int128 integer, int place) noexcept {
    const uint128 magnitude = magnitude_of(integer);
    return {place + trailing_zeros(magnitude), place + bit_length(magnitude)};
}
[[nodiscard]] constexpr bit_range both(bit_range left, bit_range right) noexcept {
    return {std::min(left.lowest, right.lowest), std::max(left.highest, right.highest)};
}

// A place for these bits with the free room halved between smaller and larger values to come; 0 if there is none.
// Where there is room, it is the same for all values of like size, so that sums of different keys merge without a move.
[[nodiscard]] constexpr int place_for(bit_range range) noexcept {
    const int width = std::max(range.highest - range.lowest, 53);
    if (width > window_bits) return 0;
    const int free = window_bits - width;
    int place = range.highest - width - free / 2;
    if (free >= 32) place = (place + 8) & ~15;
    place = std::clamp(place, smallest_place, largest_place);
    return range.highest - place <= window_bits ? place : 0;
}

// integer * 2^shift for a shift below 64: half the instructions of a general shift of 128 bits.
[[nodiscard]] constexpr int128 shifted(std::int64_t integer, std::uint64_t shift) noexcept {
    const auto low = static_cast<std::uint64_t>(integer) << shift;
    const auto high = static_cast<std::uint64_t>((integer >> 1) >> (63 - shift));
    return static_cast<int128>(uint128{high} << 64 | low);
}

// integer * 2^places; a negative count must drop nothing but zeros.
[[nodiscard]] constexpr int128 moved(int128 integer, int places) noexcept {
    return places >= 0 ? integer << places : integer >> -places;
}

}  // namespace weir::detail

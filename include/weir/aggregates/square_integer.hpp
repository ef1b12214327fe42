// SPDX-License-Identifier: Apache-2.0
// An unsigned integer of 256 bits with just what sums of squares need.
#pragma once
#include <weir/aggregates/rounding.hpp>

namespace weir::detail {

struct uint256 {
    uint128 low = 0;
    uint128 high = 0;

    [[nodiscard]] constexpr bool zero() const noexcept { return (low | high) == 0; }
    // True if the result wrapped round.
    constexpr bool add(const uint256& other) noexcept {
        low += other.low;
        const bool carry = low < other.low;
        const bool first = __builtin_add_overflow(high, other.high, &high);
        return __builtin_add_overflow(high, uint128{carry}, &high) || first;
    }
    constexpr bool subtract(const uint256& other) noexcept {
        const bool borrow = low < other.low;
        low -= other.low;
        const bool first = __builtin_sub_overflow(high, other.high, &high);
        return __builtin_sub_overflow(high, uint128{borrow}, &high) || first;
    }
};

// Exact for every value below 2^127.
[[nodiscard]] constexpr uint256 square(uint128 value) noexcept {
    const uint128 low = value & ~std::uint64_t{0};
    const uint128 high = value >> 64;
    const uint128 cross = low * high;  // counts twice: once more than the words say
    uint256 result{low * low, high * high};
    result.add({cross << 65, cross >> 63});
    return result;
}

[[nodiscard]] constexpr int bit_length(const uint256& value) noexcept {
    return value.high != 0 ? 128 + bit_length(value.high) : bit_length(value.low);
}
[[nodiscard]] constexpr int trailing_zeros(const uint256& value) noexcept {
    return value.low != 0 ? trailing_zeros(value.low) : 128 + trailing_zeros(value.high);
}

// value * 2^places; what leaves at either end is lost.
[[nodiscard]] constexpr uint256 moved(const uint256& value, int places) noexcept {
    if (places == 0) return value;
    if (places >= 128) return {0, value.low << (places - 128)};
    if (places > 0) return {value.low << places, value.high << places | value.low >> (128 - places)};
    if (places <= -128) return {value.high >> (-places - 128), 0};
    return {value.low >> -places | value.high << (128 + places), value.high >> -places};
}

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// A two's complement integer of fixed width, wide enough for the sum of any doubles (34 words) or of their squares
// (67): what exact sums spill into. No allocation.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <weir/aggregates/rounding.hpp>

namespace weir::detail {

using words_view = std::span<const std::uint64_t>;

// sum += +-magnitude * 2^position, modulo the width of sum.
void add_at(std::span<std::uint64_t> sum, words_view magnitude, std::size_t position, bool negative) noexcept;
// sum += +-other; both have the same width.
void add_wide(std::span<std::uint64_t> sum, words_view other, bool negative) noexcept;
void negate_wide(std::span<std::uint64_t> words) noexcept;
[[nodiscard]] bool is_negative(words_view words) noexcept;
[[nodiscard]] bool is_zero(words_view words) noexcept;
// Of a magnitude: highest set bit + 1, and lowest set bit; 0 for 0.
[[nodiscard]] std::size_t wide_bit_length(words_view magnitude) noexcept;
[[nodiscard]] std::size_t wide_trailing_zeros(words_view magnitude) noexcept;
// The 128 bits of a magnitude from `position` on; `more` says whether a bit below it is set.
[[nodiscard]] uint128 bits_from(words_view magnitude, std::ptrdiff_t position, bool& more) noexcept;

template <std::size_t Words>
struct wide_integer {
    std::array<std::uint64_t, Words> words{};

    void add(words_view magnitude, std::size_t position, bool negative) noexcept {
        add_at(words, magnitude, position, negative);
    }
    void add(const wide_integer& other, bool negative) noexcept { add_wide(words, other.words, negative); }
    [[nodiscard]] bool negative() const noexcept { return is_negative(words); }
    [[nodiscard]] bool zero() const noexcept { return is_zero(words); }
    [[nodiscard]] wide_integer magnitude() const noexcept {
        wide_integer copy = *this;
        if (negative()) negate_wide(copy.words);
        return copy;
    }
};

}  // namespace weir::detail

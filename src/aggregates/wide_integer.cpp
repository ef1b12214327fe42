// SPDX-License-Identifier: Apache-2.0
#include <weir/aggregates/wide_integer.hpp>

namespace weir::detail {

namespace {

// target += word + carry, and the carry out.
bool add_word(std::uint64_t& target, std::uint64_t word, bool carry) noexcept {
    const uint128 total = uint128{target} + word + (carry ? 1U : 0U);
    target = low_word(total);
    return high_word(total) != 0;
}
bool subtract_word(std::uint64_t& target, std::uint64_t word, bool borrow) noexcept {
    const uint128 total = uint128{target} - word - (borrow ? 1U : 0U);
    target = low_word(total);
    return high_word(total) != 0;
}

}  // namespace

void add_at(std::span<std::uint64_t> sum, words_view magnitude, std::size_t position, bool negative) noexcept {
    const std::size_t shift = position % 64;
    std::size_t at = position / 64;
    std::uint64_t below = 0;
    bool carry = false;
    for (std::size_t i = 0; at < sum.size(); ++i, ++at) {
        const std::uint64_t word = i < magnitude.size() ? magnitude[i] : 0;
        if (i > magnitude.size() && !carry) return;
        const std::uint64_t shifted = shift == 0 ? word : (word << shift) | (below >> (64 - shift));
        below = word;
        carry = negative ? subtract_word(sum[at], shifted, carry) : add_word(sum[at], shifted, carry);
    }
}

void add_wide(std::span<std::uint64_t> sum, words_view other, bool negative) noexcept {
    bool carry = false;
    for (std::size_t i = 0; i < sum.size(); ++i) {
        carry = negative ? subtract_word(sum[i], other[i], carry) : add_word(sum[i], other[i], carry);
    }
}

void negate_wide(std::span<std::uint64_t> words) noexcept {
    bool carry = true;
    for (auto& word : words) {
        word = ~word;
        carry = add_word(word, 0, carry);
    }
}

bool is_negative(words_view words) noexcept { return (words.back() & sign_bit) != 0; }

bool is_zero(words_view words) noexcept {
    std::uint64_t all = 0;
    for (const auto word : words) all |= word;
    return all == 0;
}

std::size_t wide_bit_length(words_view magnitude) noexcept {
    for (std::size_t i = magnitude.size(); i-- > 0;) {
        if (magnitude[i] != 0) return 64 * i + 64 - static_cast<std::size_t>(std::countl_zero(magnitude[i]));
    }
    return 0;
}

std::size_t wide_trailing_zeros(words_view magnitude) noexcept {
    for (std::size_t i = 0; i < magnitude.size(); ++i) {
        if (magnitude[i] != 0) return 64 * i + static_cast<std::size_t>(std::countr_zero(magnitude[i]));
    }
    return 0;
}

uint128 bits_from(words_view magnitude, std::ptrdiff_t position, bool& more) noexcept {
    more = false;
    const auto word = [&](std::size_t i) { return i < magnitude.size() ? magnitude[i] : 0; };
    const auto pair = [&](std::size_t i) { return uint128{word(i + 1)} << 64 | word(i); };
    if (position < 0) return position <= -128 ? 0 : pair(0) << -position;
    const std::size_t at = static_cast<std::size_t>(position) / 64;
    const std::size_t shift = static_cast<std::size_t>(position) % 64;
    more = !is_zero(magnitude.first(at < magnitude.size() ? at : magnitude.size()));
    if (shift == 0) return pair(at);
    more = more || (word(at) << (64 - shift)) != 0;
    return pair(at) >> shift | uint128{word(at + 2)} << (128 - shift);
}

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// The rare paths of exact_product_sum: placing and moving the window, what lies beyond it, and the stored form.
#include <weir/aggregates/exact_product_sum.hpp>

#include <algorithm>
#include <array>

namespace weir::detail {
namespace {

// A window is moved rather than left as long as what it holds leaves this much room at its ends together.
constexpr int widest = 190;
constexpr int window_width = 254;

std::size_t position_of(int exponent) noexcept {
    return static_cast<std::size_t>(exponent - exact_product_sum::lowest_exponent);
}

// Where the first product comes to lie: with 48 binary digits or more below and above it, on a grid of 32.
int place_for_first(int exponent) noexcept {
    const int above_lowest = exponent - 48 - exact_product_sum::lowest_exponent;
    return exact_product_sum::lowest_exponent + std::max(above_lowest & ~31, 0);
}

}  // namespace

auto exact_product_sum::value() const noexcept -> wide_type {
    if (wide_) return *wide_;
    wide_type sum;
    const bool negative = high_ < 0;
    uint128 low = low_;
    auto high = static_cast<uint128>(high_);
    if (negative) {
        low = ~low + 1;
        high = ~high + (low == 0 ? 1 : 0);
    }
    const std::array<std::uint64_t, 4> magnitude{low_word(low), high_word(low), low_word(high), high_word(high)};
    if ((low | high) != 0) sum.add(magnitude, position_of(place_), negative);
    return sum;
}

// The sum becomes this one: in the window, if it fits with room to spare.
void exact_product_sum::take(const wide_type& sum) {
    const auto magnitude = sum.magnitude();
    const auto lowest = static_cast<int>(wide_trailing_zeros(magnitude.words));
    const int width = static_cast<int>(wide_bit_length(magnitude.words)) - lowest;
    low_ = 0;
    high_ = 0;
    if (width > widest) {
        place_ = no_place;
        if (wide_) {
            *wide_ = sum;
        } else {
            wide_ = std::make_unique<wide_type>(sum);
        }
        return;
    }
    wide_.reset();
    place_ = no_place;
    if (width == 0) return;
    const int position = std::max(lowest - (window_width - width) / 2, 0) & ~31;
    bool more = false;
    low_ = bits_from(magnitude.words, position, more);
    high_ = static_cast<int128>(bits_from(magnitude.words, position + 128, more));
    place_ = position + lowest_exponent;
    if (!sum.negative()) return;
    low_ = ~low_ + 1;
    high_ = static_cast<int128>(~static_cast<uint128>(high_) + (low_ == 0 ? 1 : 0));
}

void exact_product_sum::add_slowly(uint128 magnitude, int exponent, bool negative) {
    if (magnitude == 0) return;
    if (!wide_ && low_ == 0 && high_ == 0) {
        place_ = place_for_first(exponent);
        if (add_in_window(magnitude, exponent, negative)) return;
    }
    const std::array<std::uint64_t, 2> added{low_word(magnitude), high_word(magnitude)};
    if (wide_) {
        wide_->add(added, position_of(exponent), negative);
        if (wide_->zero()) wide_.reset();
        return;
    }
    auto sum = value();
    sum.add(added, position_of(exponent), negative);
    take(sum);
}

void exact_product_sum::merge(const exact_product_sum& other, bool negative) {
    if (!wide_ && !other.wide_ && place_ == other.place_ && add_words(other.low_, other.high_, negative)) return;
    if (!other.wide_ && other.low_ == 0 && other.high_ == 0) return;
    if (!negative && !wide_ && low_ == 0 && high_ == 0) {
        *this = other;
        return;
    }
    auto sum = value();
    sum.add(other.value(), negative);
    take(sum);
}

auto exact_product_sum::stored_form() const noexcept -> image {
    image stored;
    const auto sum = value();
    if (sum.zero()) return stored;
    stored.sign = sum.negative() ? 2 : 1;
    stored.magnitude = sum.magnitude();
    const auto& all = stored.magnitude.words;
    const std::size_t first = wide_trailing_zeros(all) / 64;
    stored.first = static_cast<std::uint8_t>(first);
    stored.count = static_cast<std::uint8_t>((wide_bit_length(all) + 63) / 64 - first);
    return stored;
}

void exact_product_sum::restore(const image& stored) {
    exact_product_sum fresh;
    if (stored.sign != 0) {
        const auto& all = stored.magnitude.words;
        const std::size_t last = std::size_t{stored.first} + stored.count - 1;
        if (all[stored.first] == 0 || all[last] == 0 || stored.magnitude.negative()) refuse();
        wide_type sum;
        sum.add(stored.magnitude, stored.sign == 2);
        fresh.take(sum);
    }
    *this = std::move(fresh);
}

}  // namespace weir::detail

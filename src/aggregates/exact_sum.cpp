// SPDX-License-Identifier: Apache-2.0
// The rare paths of exact_sum: moving the window, and what lies beyond it.
#include <weir/aggregates/exact_sum.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include <weir/aggregates/wide_integer.hpp>

namespace weir {

using detail::int128;
using detail::uint128;

struct exact_sum::spill {
    // The lowest bit is worth 2^-1074. 2,098 bits hold any finite double, the rest 2^77 of the largest.
    detail::wide_integer<34> finite;
    // How often each was added; exact, so that they can be taken back.
    std::uint64_t not_a_number = 0;
    std::uint64_t infinite = 0;
    std::uint64_t minus_infinite = 0;

    void add(int128 integer, int place, bool negative) noexcept {
        const uint128 magnitude = detail::magnitude_of(integer);
        const std::array<std::uint64_t, 2> words{detail::low_word(magnitude), detail::high_word(magnitude)};
        finite.add(words, static_cast<std::size_t>(place - detail::smallest_place), (integer < 0) != negative);
    }
    [[nodiscard]] bool only_finite() const noexcept { return (not_a_number | infinite | minus_infinite) == 0; }
    [[nodiscard]] std::uint64_t& count_of(double value) noexcept {
        if (std::isnan(value)) return not_a_number;
        return value > 0 ? infinite : minus_infinite;
    }
};

std::uint64_t exact_sum::clone() const { return std::bit_cast<std::uint64_t>(new spill(spilled_sum())); }

void exact_sum::release() noexcept {
    delete &spilled_sum();
    place_ = detail::place_of_nothing;
}

exact_sum::spill& exact_sum::leave_window() {
    if (spilled()) return spilled_sum();
    auto wide = std::make_unique<spill>();
    if (window() != 0) wide->add(window(), static_cast<int>(place_), false);
    set_window(0);
    place_ = std::bit_cast<std::uint64_t>(wide.release());
    return spilled_sum();
}

// A sum that came back to nothing may use the window again: one outlier does not burden a key for ever.
void exact_sum::shrink_if_zero() noexcept {
    if (spilled() && spilled_sum().finite.zero() && spilled_sum().only_finite()) release();
}

void exact_sum::add_slowly(double value, bool negative) {
    if (value == 0) return;
    if (!std::isfinite(value)) {
        leave_window().count_of(value) += negative ? ~std::uint64_t{0} : 1;
    } else {
        const auto [integer, field] = detail::decompose(negative ? -value : value);
        add_integer(integer, field);
    }
    if (negative) shrink_if_zero();
}

void exact_sum::add_integer(int128 integer, int place) {
    if (integer == 0) return;
    if (!spilled()) {
        const int128 present = window();
        detail::bit_range range = detail::range_of(integer, place);
        if (present != 0) range = detail::both(range, detail::range_of(present, static_cast<int>(place_)));
        if (const int target = detail::place_for(range); target != 0) {
            int128 sum = detail::moved(integer, place - target);
            if (present != 0) sum += detail::moved(present, static_cast<int>(place_) - target);
            set_window(sum);
            place_ = static_cast<std::uint64_t>(target);
            return;
        }
    }
    leave_window().add(integer, place, false);
}

void exact_sum::merge(const exact_sum& other, bool negative) {
    if (!other.spilled()) {
        const int128 term = other.window();
        const int place = static_cast<int>(other.place_);
        if (term == 0) return;
        int128 sum = 0;
        const bool overflows = negative ? __builtin_sub_overflow(window(), term, &sum)
                                        : __builtin_add_overflow(window(), term, &sum);
        if (place_ == other.place_ && !overflows) {
            set_window(sum);
        } else if (detail::bit_length(detail::magnitude_of(term)) == 128) {  // it has no negative
            leave_window().add(term, place, negative);
        } else {
            add_integer(negative ? -term : term, place);
        }
    } else {
        const spill copy = other.spilled_sum();  // other may be this sum
        auto& mine = leave_window();
        mine.finite.add(copy.finite, negative);
        const std::uint64_t factor = negative ? ~std::uint64_t{0} : 1;
        mine.not_a_number += factor * copy.not_a_number;
        mine.infinite += factor * copy.infinite;
        mine.minus_infinite += factor * copy.minus_infinite;
    }
    if (negative) shrink_if_zero();
}

double exact_sum::spilled_value() const noexcept {
    const spill& wide = spilled_sum();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (wide.not_a_number != 0 || (wide.infinite != 0 && wide.minus_infinite != 0)) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (wide.infinite != 0) return infinity;
    if (wide.minus_infinite != 0) return -infinity;
    const auto magnitude = wide.finite.magnitude();
    const auto length = static_cast<std::ptrdiff_t>(detail::wide_bit_length(magnitude.words));
    if (length == 0) return 0.0;
    bool more = false;
    const uint128 top = detail::bits_from(magnitude.words, length - 128, more);
    more = more || detail::low_word(top) != 0;
    return detail::round_to_double(wide.finite.negative(), detail::high_word(top), more,
                                   static_cast<int>(length) - 64 - 1074);
}

// Nothing for zero; (place of the lowest set bit, integer) if that fits a window; else everything.
exact_sum::image_type exact_sum::image() const {
    image_type stored;
    const auto push_integer = [&stored](int128 integer, int place) {
        const int zeros = detail::trailing_zeros(detail::magnitude_of(integer));
        const auto odd = static_cast<uint128>(detail::moved(integer, -zeros));
        stored.push(static_cast<std::uint64_t>(place + zeros));
        stored.push(detail::low_word(odd));
        stored.push(detail::high_word(odd));
    };
    exact_sum copy = *this;
    if (!spilled()) {
        if (window() == 0) return stored;
        const auto range = detail::range_of(window(), static_cast<int>(place_));
        if (detail::place_for(range) != 0) {
            push_integer(window(), static_cast<int>(place_));
            return stored;
        }
        copy.leave_window();
    }
    const spill& wide = copy.spilled_sum();
    if (wide.only_finite()) {
        if (wide.finite.zero()) return stored;
        const auto magnitude = wide.finite.magnitude();
        const auto zeros = static_cast<int>(detail::wide_trailing_zeros(magnitude.words));
        const auto length = static_cast<int>(detail::wide_bit_length(magnitude.words));
        if (detail::place_for({zeros + 1, length + 1}) != 0) {
            bool more = false;
            const auto integer = static_cast<int128>(detail::bits_from(magnitude.words, zeros, more));
            push_integer(wide.finite.negative() ? -integer : integer, zeros + 1);
            return stored;
        }
    }
    stored.push(wide.not_a_number);
    stored.push(wide.infinite);
    stored.push(wide.minus_infinite);
    stored.push(wide.finite.words);
    return stored;
}

void exact_sum::restore(const image_type& stored) {
    exact_sum fresh;
    if (stored.size == 3) {
        const auto integer = static_cast<int128>(uint128{stored.words[2]} << 64 | stored.words[1]);
        const std::uint64_t place = stored.words[0];
        const bool possible = integer != 0 && place >= 1 && place < 2200 &&
                              detail::place_for(detail::range_of(integer, static_cast<int>(place))) != 0;
        if (!possible) image_type::refuse();
        fresh.add_integer(integer, static_cast<int>(place));
    } else if (stored.size == 37) {
        spill& wide = fresh.leave_window();
        wide.not_a_number = stored.words[0];
        wide.infinite = stored.words[1];
        wide.minus_infinite = stored.words[2];
        for (std::size_t i = 0; i < 34; ++i) wide.finite.words[i] = stored.words[i + 3];
    } else if (stored.size != 0) {
        image_type::refuse();
    }
    swap(fresh);
}

}  // namespace weir

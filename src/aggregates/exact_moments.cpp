// SPDX-License-Identifier: Apache-2.0
// The rare paths of exact_moments: moving the window, what lies beyond it, and the stored form.
#include <weir/aggregates/exact_moments.hpp>

#include <cmath>
#include <memory>

#include "exact_moments_spill.hpp"

namespace weir {

using detail::int128;
using detail::uint128;
using detail::uint256;

namespace {

detail::bit_range range_of(int128 sum, const uint256& squares, int place) noexcept {
    const detail::bit_range root{place + detail::trailing_zeros(squares) / 2,
                                 place + (detail::bit_length(squares) + 1) / 2};
    return sum == 0 ? root : detail::both(root, detail::range_of(sum, place));
}

std::array<std::uint64_t, 4> words_of(const uint256& value) noexcept {
    return {detail::low_word(value.low), detail::high_word(value.low), detail::low_word(value.high),
            detail::high_word(value.high)};
}
uint128 joined(std::uint64_t low, std::uint64_t high) noexcept { return uint128{high} << 64 | low; }

}  // namespace

void exact_moments::spill::add(int128 added, const uint256& added_squares, int place, bool negative) noexcept {
    const uint128 magnitude = detail::magnitude_of(added);
    const std::array<std::uint64_t, 2> words{detail::low_word(magnitude), detail::high_word(magnitude)};
    const auto position = static_cast<std::size_t>(place - detail::smallest_place);
    sum.add(words, position, (added < 0) != negative);
    squares.add(words_of(added_squares), 2 * position, negative);
}

std::uint64_t exact_moments::clone() const { return std::bit_cast<std::uint64_t>(new spill(spilled_moments())); }

void exact_moments::release() noexcept {
    delete &spilled_moments();
    place_ = detail::place_of_nothing;
}

exact_moments::spill& exact_moments::leave_window() {
    if (spilled()) return spilled_moments();
    auto wide = std::make_unique<spill>();
    if (!squares_.zero()) wide->add(sum_, squares_, static_cast<int>(place_), false);
    sum_ = 0;
    squares_ = {};
    place_ = std::bit_cast<std::uint64_t>(wide.release());
    return spilled_moments();
}

void exact_moments::shrink_if_zero() noexcept {
    if (!spilled()) return;
    const spill& wide = spilled_moments();
    if (wide.not_finite == 0 && wide.squares.zero() && wide.sum.zero()) release();
}

void exact_moments::add_slowly(double value, bool negative) {
    if (value == 0) return;
    if (!std::isfinite(value)) {
        leave_window().not_finite += negative ? ~std::uint64_t{0} : 1;
    } else {
        const auto [integer, field] = detail::decompose(value);
        add_integer(integer, field, negative);
    }
    if (negative) shrink_if_zero();
}

void exact_moments::add_integer(int128 integer, int place, bool negative) {
    combine(integer, detail::square(detail::magnitude_of(integer)), place, negative);
    if (negative) shrink_if_zero();
}

void exact_moments::combine(int128 sum, const uint256& squares, int place, bool negative) {
    if (squares.zero()) return;
    if (!spilled() && combine_in_window(sum, squares, place, negative)) return;
    leave_window().add(sum, squares, place, negative);
}

bool exact_moments::combine_in_window(int128 sum, const uint256& squares, int place, bool negative) {
    const int present = static_cast<int>(place_);
    detail::bit_range range = range_of(sum, squares, place);
    if (!squares_.zero()) range = detail::both(range, range_of(sum_, squares_, present));
    const int target = detail::place_for(range);
    if (target == 0) return false;
    const int128 added = detail::moved(sum, place - target);
    const uint256 added_squares = detail::moved(squares, 2 * (place - target));
    int128 total = 0;
    uint256 total_squares{};
    if (!squares_.zero()) {
        total = detail::moved(sum_, present - target);
        total_squares = detail::moved(squares_, 2 * (present - target));
    }
    total = negative ? total - added : total + added;
    if (negative ? total_squares.subtract(added_squares) : total_squares.add(added_squares)) return false;
    sum_ = total;
    squares_ = total_squares;
    place_ = static_cast<std::uint64_t>(target);
    return true;
}

void exact_moments::merge(const exact_moments& other, bool negative) {
    const std::uint64_t count = other.count_;
    if (!other.spilled()) {
        const int128 added = other.sum_;  // other may be this
        const uint256 added_squares = other.squares_;
        int128 sum = 0;
        uint256 squares = squares_;
        const bool fits = place_ == other.place_ &&
                          !(negative ? __builtin_sub_overflow(sum_, added, &sum) || squares.subtract(added_squares)
                                     : __builtin_add_overflow(sum_, added, &sum) || squares.add(added_squares));
        if (fits) {
            sum_ = sum;
            squares_ = squares;
        } else {
            combine(added, added_squares, static_cast<int>(other.place_), negative);
        }
    } else {
        const spill copy = other.spilled_moments();
        auto& mine = leave_window();
        mine.sum.add(copy.sum, negative);
        mine.squares.add(copy.squares, negative);
        mine.not_finite = negative ? mine.not_finite - copy.not_finite : mine.not_finite + copy.not_finite;
    }
    count_ = negative ? count_ - count : count_ + count;
    if (negative) shrink_if_zero();
}

// The count; then nothing for zero, or place, sum and squares if they fit a window, or everything.
exact_moments::image_type exact_moments::image() const {
    image_type stored;
    stored.push(count_);
    const auto push_window = [&stored](int128 sum, const uint256& squares, int place) {
        const int zeros = range_of(sum, squares, place).lowest - place;
        const auto odd = static_cast<uint128>(detail::moved(sum, -zeros));
        stored.push(static_cast<std::uint64_t>(place + zeros));
        stored.push(detail::low_word(odd));
        stored.push(detail::high_word(odd));
        stored.push(words_of(detail::moved(squares, -2 * zeros)));
    };
    exact_moments copy = *this;
    if (!spilled()) {
        if (squares_.zero()) return stored;
        const int place = static_cast<int>(place_);
        if (detail::place_for(range_of(sum_, squares_, place)) != 0) {
            push_window(sum_, squares_, place);
            return stored;
        }
        copy.leave_window();
    }
    const spill& wide = copy.spilled_moments();
    if (wide.not_finite == 0 && wide.squares.zero() && wide.sum.zero()) return stored;
    if (wide.not_finite == 0 && !wide.squares.negative()) {
        const auto magnitude = wide.sum.magnitude();
        const auto root = static_cast<int>(detail::wide_trailing_zeros(wide.squares.words) / 2);
        const auto highest = static_cast<int>((detail::wide_bit_length(wide.squares.words) + 1) / 2);
        detail::bit_range range{root + 1, highest + 1};
        if (!wide.sum.zero()) {
            range = detail::both(range, {static_cast<int>(detail::wide_trailing_zeros(magnitude.words)) + 1,
                                         static_cast<int>(detail::wide_bit_length(magnitude.words)) + 1});
        }
        if (detail::place_for(range) != 0) {
            bool more = false;
            const auto sum = static_cast<int128>(detail::bits_from(magnitude.words, range.lowest - 1, more));
            const int low = 2 * (range.lowest - 1);
            const uint256 squares{detail::bits_from(wide.squares.words, low, more),
                                  detail::bits_from(wide.squares.words, low + 128, more)};
            push_window(wide.sum.negative() ? -sum : sum, squares, range.lowest);
            return stored;
        }
    }
    stored.push(wide.not_finite);
    stored.push(wide.sum.words);
    stored.push(wide.squares.words);
    return stored;
}

void exact_moments::restore(const image_type& stored) {
    exact_moments fresh;
    const auto& words = stored.words;
    if (stored.size == 8) {
        const auto sum = static_cast<int128>(joined(words[2], words[3]));
        const uint256 squares{joined(words[4], words[5]), joined(words[6], words[7])};
        const bool possible = !squares.zero() && words[1] >= 1 && words[1] < 2200 &&
                              detail::place_for(range_of(sum, squares, static_cast<int>(words[1]))) != 0;
        if (!possible) image_type::refuse();
        fresh.combine(sum, squares, static_cast<int>(words[1]), false);
    } else if (stored.size == 103) {
        spill& wide = fresh.leave_window();
        wide.not_finite = words[1];
        for (std::size_t i = 0; i < wide.sum.words.size(); ++i) wide.sum.words[i] = words[2 + i];
        for (std::size_t i = 0; i < wide.squares.words.size(); ++i) wide.squares.words[i] = words[36 + i];
    } else if (stored.size != 1) {
        image_type::refuse();
    }
    fresh.count_ = words[0];
    swap(fresh);
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// The exact sum of doubles: no rounding until it is read, so neither order nor grouping can be seen in the result, and
// taking a value back undoes adding it.
//
// Most sums live in a 128-bit integer whose place follows the values (window_place.hpp). What does not fit spills into
// a heap object of 34 words that takes every finite double, and counts of NaN and infinities; that never changes the
// value. The idea of a superaccumulator is Kulisch's; the small window before it is what makes it cheap.
#pragma once
#include <bit>
#include <cstdint>
#include <string>
#include <utility>

#include <weir/aggregates/window_place.hpp>
#include <weir/aggregates/word_image.hpp>

namespace weir {

// 24 bytes. Exact for fewer than 2^63 values.
class exact_sum {
  public:
    exact_sum() noexcept = default;
    exact_sum(const exact_sum& other)
        : low_(other.low_), high_(other.high_), place_(other.spilled() ? other.clone() : other.place_) {}
    exact_sum(exact_sum&& other) noexcept
        : low_(std::exchange(other.low_, 0)), high_(std::exchange(other.high_, 0)),
          place_(std::exchange(other.place_, detail::place_of_nothing)) {}
    exact_sum& operator=(exact_sum other) noexcept {
        swap(other);
        return *this;
    }
    ~exact_sum() {
        if (spilled()) release();
    }
    void swap(exact_sum& other) noexcept {
        std::swap(low_, other.low_);
        std::swap(high_, other.high_);
        std::swap(place_, other.place_);
    }

    // O(1); allocates at most once, when the values first spread over more than about 120 binary digits.
    void add(double value) {
        if (!add_in_window(value)) add_slowly(value, false);
    }
    void subtract(double value) {
        if (!add_in_window(-value)) add_slowly(value, true);
    }
    void merge(const exact_sum& other) { merge(other, false); }
    void subtract(const exact_sum& other) { merge(other, true); }

    // The double nearest to the exact sum, ties to even; infinity beyond the range; +0 for zero. NaN if a NaN or both
    // infinities are among the values.
    [[nodiscard]] double value() const noexcept {
        if (spilled()) [[unlikely]] return spilled_value();
        return detail::round_to_double(window(), static_cast<int>(place_) - 1075);
    }
    // Whether the sum has left its window: then it takes about 300 bytes more.
    [[nodiscard]] bool spilled() const noexcept { return place_ > detail::place_of_nothing; }

    static std::string type_tag() { return "exact_sum"; }
    // Sums of equal value have equal bytes.
    template <class Writer>
    void save(Writer& writer) const {
        image().save(writer);
    }
    template <class Reader>
    void load(Reader& reader) {
        image_type stored;
        stored.load(reader);
        restore(stored);
    }

  private:
    struct spill;
    using image_type = detail::word_image<37>;

    [[nodiscard]] detail::int128 window() const noexcept {
        return static_cast<detail::int128>(detail::uint128{high_} << 64 | low_);
    }
    void set_window(detail::int128 sum) noexcept {
        low_ = detail::low_word(static_cast<detail::uint128>(sum));
        high_ = detail::high_word(static_cast<detail::uint128>(sum));
    }
    [[nodiscard]] bool add_in_window(double value) noexcept {
        const auto bits = std::bit_cast<std::uint64_t>(value);
        const std::uint64_t shift = ((bits >> 52) & detail::exponent_of_infinity) - place_;
        if (shift > detail::window_reach) [[unlikely]] return false;
        const auto fraction = static_cast<std::int64_t>((bits & detail::fraction_mask) | detail::implicit_bit);
        const std::int64_t sign = static_cast<std::int64_t>(bits) >> 63;
        const detail::int128 term = detail::shifted((fraction ^ sign) - sign, shift);
        detail::int128 sum = 0;
        if (__builtin_add_overflow(window(), term, &sum)) [[unlikely]] return false;
        set_window(sum);
        return true;
    }

    [[nodiscard]] spill& spilled_sum() const noexcept { return *std::bit_cast<spill*>(place_); }
    void add_slowly(double value, bool negative);
    void add_integer(detail::int128 integer, int place);
    void merge(const exact_sum& other, bool negative);
    spill& leave_window();
    void shrink_if_zero() noexcept;
    [[nodiscard]] std::uint64_t clone() const;
    void release() noexcept;
    [[nodiscard]] double spilled_value() const noexcept;
    [[nodiscard]] image_type image() const;
    void restore(const image_type& stored);

    std::uint64_t low_ = 0;
    std::uint64_t high_ = 0;
    std::uint64_t place_ = detail::place_of_nothing;  // or the address of a spill
};

}  // namespace weir

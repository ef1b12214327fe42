// SPDX-License-Identifier: Apache-2.0
// Count, sum and sum of squares of doubles or whole numbers, all exact; the variance (n*Sxx - Sx*Sx) / (n(n-1)) is
// rounded once, when it is read. Unlike running means (Welford), order and grouping cannot be seen in the result, and
// taking a value back undoes adding it.
//
// The window is that of exact_sum, with 256 bits beside it for the squares: what fits one fits the other.
#pragma once
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <weir/aggregates/square_integer.hpp>
#include <weir/aggregates/window_place.hpp>
#include <weir/aggregates/word_image.hpp>

namespace weir {

// 64 bytes. Exact for fewer than 2^63 values.
class exact_moments {
  public:
    exact_moments() noexcept = default;
    exact_moments(const exact_moments& other)
        : sum_(other.sum_), squares_(other.squares_), count_(other.count_),
          place_(other.spilled() ? other.clone() : other.place_) {}
    exact_moments(exact_moments&& other) noexcept
        : sum_(std::exchange(other.sum_, 0)), squares_(std::exchange(other.squares_, {})),
          count_(std::exchange(other.count_, 0)), place_(std::exchange(other.place_, detail::place_of_nothing)) {}
    exact_moments& operator=(exact_moments other) noexcept {
        swap(other);
        return *this;
    }
    ~exact_moments() {
        if (spilled()) release();
    }
    void swap(exact_moments& other) noexcept {
        std::swap(sum_, other.sum_);
        std::swap(squares_, other.squares_);
        std::swap(count_, other.count_);
        std::swap(place_, other.place_);
    }

    // O(1); allocates at most once, when the values first spread over more than about 120 binary digits.
    void add(double value) {
        if (!add_in_window(value)) add_slowly(value, false);
        ++count_;
    }
    void subtract(double value) {
        if (!subtract_in_window(value)) add_slowly(value, true);
        --count_;
    }
    void add(std::int64_t value) { add_whole(value, false); }
    void subtract(std::int64_t value) { add_whole(value, true); }
    void add(std::uint64_t value) { add_whole(value, false); }
    void subtract(std::uint64_t value) { add_whole(value, true); }
    void merge(const exact_moments& other) { merge(other, false); }
    void subtract(const exact_moments& other) { merge(other, true); }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    // Of a sample: nothing for fewer than two values. NaN if a value is NaN or infinite.
    [[nodiscard]] std::optional<double> variance() const {
        if (count_ < 2) return std::nullopt;
        return spread(count_ - 1);
    }
    // Of a whole population: nothing if there is no value.
    [[nodiscard]] std::optional<double> population_variance() const {
        if (count_ < 1) return std::nullopt;
        return spread(count_);
    }
    [[nodiscard]] bool spilled() const noexcept { return place_ > detail::place_of_nothing; }

    static std::string type_tag() { return "exact_moments"; }
    // Equal moments have equal bytes.
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
    using image_type = detail::word_image<103>;

    struct term {
        detail::int128 sum = 0;
        detail::uint256 squares{};
        bool fits = false;
    };
    [[nodiscard]] term term_of(double value) const noexcept {
        const auto bits = std::bit_cast<std::uint64_t>(value);
        const std::uint64_t shift = ((bits >> 52) & detail::exponent_of_infinity) - place_;
        if (shift > detail::window_reach) [[unlikely]] return {};
        const auto fraction = static_cast<std::int64_t>((bits & detail::fraction_mask) | detail::implicit_bit);
        const detail::int128 magnitude = detail::shifted(fraction, shift);
        const detail::int128 sign = static_cast<std::int64_t>(bits) >> 63;
        return {(magnitude ^ sign) - sign, detail::square(static_cast<detail::uint128>(magnitude)), true};
    }
    [[nodiscard]] bool add_in_window(double value) noexcept {
        const term one = term_of(value);
        detail::int128 sum = 0;
        detail::uint256 squares = squares_;
        if (!one.fits || __builtin_add_overflow(sum_, one.sum, &sum) || squares.add(one.squares)) return false;
        sum_ = sum;
        squares_ = squares;
        return true;
    }
    [[nodiscard]] bool subtract_in_window(double value) noexcept {
        const term one = term_of(value);
        detail::int128 sum = 0;
        detail::uint256 squares = squares_;
        if (!one.fits || __builtin_sub_overflow(sum_, one.sum, &sum) || squares.subtract(one.squares)) return false;
        sum_ = sum;
        squares_ = squares;
        return true;
    }
    // Whole numbers below 2^53 are doubles; the others take the slow path, which is exact too.
    template <class Whole>
    void add_whole(Whole value, bool negative) {
        const auto rounded = static_cast<double>(value);
        if (rounded < 9007199254740992.0 && rounded > -9007199254740992.0) {
            negative ? subtract(rounded) : add(rounded);
        } else {
            add_integer(value, 1075, negative);
            negative ? --count_ : ++count_;
        }
    }

    [[nodiscard]] spill& spilled_moments() const noexcept { return *std::bit_cast<spill*>(place_); }
    void add_slowly(double value, bool negative);
    void add_integer(detail::int128 integer, int place, bool negative);
    void combine(detail::int128 sum, const detail::uint256& squares, int place, bool negative);
    [[nodiscard]] bool combine_in_window(detail::int128 sum, const detail::uint256& squares, int place, bool negative);
    void merge(const exact_moments& other, bool negative);
    spill& leave_window();
    void shrink_if_zero() noexcept;
    [[nodiscard]] std::uint64_t clone() const;
    void release() noexcept;
    [[nodiscard]] double spread(std::uint64_t divisor) const;
    [[nodiscard]] image_type image() const;
    void restore(const image_type& stored);

    detail::int128 sum_ = 0;
    detail::uint256 squares_{};  // their lowest bit is worth the square of the sum's
    std::uint64_t count_ = 0;
    std::uint64_t place_ = detail::place_of_nothing;  // or the address of a spill
};

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// The exact sum of products of two numbers each, doubles or whole numbers: what covariance and correlation add up.
// Neither order nor grouping can be seen in it, and taking a product back undoes adding it.
//
// Most sums live in a 256-bit integer, whose lowest bit is worth 2^place; the place follows the first product and is
// the same for products of like size, so that sums of different keys merge without a move. What does not fit spills
// into a heap object of 67 words that takes the product of any two finite doubles.
#pragma once
#include <bit>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <weir/aggregates/rounding.hpp>
#include <weir/aggregates/wide_integer.hpp>
#include <weir/base/error.hpp>
#include <weir/record/kind.hpp>

namespace weir::detail {

// +-magnitude * 2^exponent; the magnitude is odd or 0.
struct factor {
    std::uint64_t magnitude = 0;
    int exponent = 0;
    bool negative = false;
};
inline constexpr factor factor_of_one{1, 0, false};

[[nodiscard]] constexpr factor odd_factor(std::uint64_t magnitude, int exponent, bool negative) noexcept {
    if (magnitude == 0) return {};
    const int zeros = std::countr_zero(magnitude);
    return {magnitude >> zeros, exponent + zeros, negative};
}
// Of a finite number.
template <number Number>
[[nodiscard]] constexpr factor factor_of(Number value) noexcept {
    if constexpr (real_number<Number>) {
        const auto bits = std::bit_cast<std::uint64_t>(static_cast<double>(value));
        const auto field = static_cast<int>((bits >> 52) & exponent_of_infinity);
        const std::uint64_t fraction = (bits & fraction_mask) | (field != 0 ? implicit_bit : 0);
        return odd_factor(fraction, (field != 0 ? field : 1) - 1075, (bits & sign_bit) != 0);
    } else if constexpr (std::is_signed_v<Number>) {
        const auto wide = static_cast<std::uint64_t>(std::int64_t{value});
        return odd_factor(value < 0 ? 0 - wide : wide, 0, value < 0);
    } else {
        return odd_factor(value, 0, false);
    }
}

// Exact for fewer than 2^63 products.
class exact_product_sum {
  public:
    // The lowest bit of any product is worth at least 2^lowest_exponent.
    static constexpr int lowest_exponent = -2148;
    using wide_type = wide_integer<67>;

    exact_product_sum() noexcept = default;
    exact_product_sum(const exact_product_sum& other)
        : low_(other.low_), high_(other.high_), place_(other.place_),
          wide_(other.wide_ ? std::make_unique<wide_type>(*other.wide_) : nullptr) {}
    exact_product_sum(exact_product_sum&& other) noexcept
        : low_(std::exchange(other.low_, 0)), high_(std::exchange(other.high_, 0)),
          place_(std::exchange(other.place_, no_place)), wide_(std::move(other.wide_)) {}
    exact_product_sum& operator=(exact_product_sum other) noexcept {
        std::swap(low_, other.low_);
        std::swap(high_, other.high_);
        std::swap(place_, other.place_);
        wide_.swap(other.wide_);
        return *this;
    }
    ~exact_product_sum() = default;

    // O(1); allocates at most once, when the products first spread over more than about 190 binary digits.
    void add(const factor& left, const factor& right) { add(left, right, false); }
    void subtract(const factor& left, const factor& right) { add(left, right, true); }
    void merge(const exact_product_sum& other) { merge(other, false); }
    void subtract(const exact_product_sum& other) { merge(other, true); }
    [[nodiscard]] bool spilled() const noexcept { return wide_ != nullptr; }
    // In units of 2^lowest_exponent.
    [[nodiscard]] wide_type value() const noexcept;
    // What the window holds, in units of 2^place(), if nothing has spilled.
    [[nodiscard]] uint128 low() const noexcept { return low_; }
    [[nodiscard]] int128 high() const noexcept { return high_; }
    [[nodiscard]] int place() const noexcept { return place_ == no_place ? 0 : place_; }

    static std::string type_tag() { return "exact_product_sum"; }
    // Equal sums have equal bytes: the sign, which words of the wide form are not zero, and those.
    template <class Writer>
    void save(Writer& writer) const {
        const image stored = stored_form();
        writer.write_fixed(stored.sign);
        if (stored.sign == 0) return;
        writer.write_fixed(stored.first);
        writer.write_fixed(stored.count);
        for (std::size_t i = 0; i < stored.count; ++i) writer.write_fixed(stored.magnitude.words[stored.first + i]);
    }
    template <class Reader>
    void load(Reader& reader) {
        image stored;
        stored.sign = reader.template read_fixed<std::uint8_t>();
        if (stored.sign > 2) refuse();
        if (stored.sign != 0) {
            stored.first = reader.template read_fixed<std::uint8_t>();
            stored.count = reader.template read_fixed<std::uint8_t>();
            if (stored.count == 0 || stored.first + stored.count > words) refuse();
            for (std::size_t i = 0; i < stored.count; ++i) {
                stored.magnitude.words[stored.first + i] = reader.template read_fixed<std::uint64_t>();
            }
        }
        restore(stored);
    }

  private:
    static constexpr int no_place = 1 << 20;  // no product is in its reach
    static constexpr int reach = 127;
    static constexpr std::size_t words = 67;
    struct image {
        std::uint8_t sign = 0;  // 1 above zero, 2 below
        std::uint8_t first = 0;
        std::uint8_t count = 0;
        wide_type magnitude{};
    };

    void add(const factor& left, const factor& right, bool taken_back) {
        const uint128 magnitude = uint128{left.magnitude} * right.magnitude;
        const int exponent = left.exponent + right.exponent;
        const bool negative = (left.negative != right.negative) != taken_back;
        if (!add_in_window(magnitude, exponent, negative)) [[unlikely]] add_slowly(magnitude, exponent, negative);
    }
    [[nodiscard]] bool add_in_window(uint128 magnitude, int exponent, bool negative) noexcept {
        const auto shift = static_cast<unsigned>(exponent - place_);
        if (shift > reach) return false;
        return add_words(magnitude << shift, static_cast<int128>((magnitude >> 1) >> (reach - shift)), negative);
    }
    // In two's complement. False, and the sum as it was, if it would leave 256 bits.
    [[nodiscard]] bool add_words(uint128 low, int128 high, bool negative) noexcept {
        int128 sum_high = 0;
        if (negative) {
            const bool borrow = low_ < low;
            if (__builtin_sub_overflow(high_, high, &sum_high) ||
                __builtin_sub_overflow(sum_high, int128{borrow}, &sum_high)) {
                return false;
            }
            low_ -= low;
        } else {
            const uint128 sum_low = low_ + low;
            if (__builtin_add_overflow(high_, high, &sum_high) ||
                __builtin_add_overflow(sum_high, int128{sum_low < low}, &sum_high)) {
                return false;
            }
            low_ = sum_low;
        }
        high_ = sum_high;
        return true;
    }
    void add_slowly(uint128 magnitude, int exponent, bool negative);
    void merge(const exact_product_sum& other, bool negative);
    void take(const wide_type& sum);
    [[nodiscard]] image stored_form() const noexcept;
    void restore(const image& stored);
    [[noreturn]] static void refuse() {
        throw error(error_kind::state, "the snapshot is damaged: an exact sum has bytes it cannot have");
    }

    uint128 low_ = 0;
    int128 high_ = 0;
    int place_ = no_place;
    std::unique_ptr<wide_type> wide_;  // then the window is empty and has no place
};

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// Covariances and correlations from exact sums. Whole numbers of any size decide; a result is rounded once.
#include <weir/aggregates/exact_pairs.hpp>

#include <algorithm>
#include <limits>

#include "scaled_integer.hpp"

namespace weir::detail {
namespace {

// count * products - left * right
scaled_integer difference(std::uint64_t count, const scaled_integer& products, const scaled_integer& left,
                          const scaled_integer& right) {
    scaled_integer all{products.integer * count, products.exponent};
    scaled_integer taken{left.integer * right.integer, left.exponent + right.exponent};
    if (all.integer == 0) all.exponent = taken.exponent;
    if (taken.integer == 0) taken.exponent = all.exponent;
    const int exponent = std::min(all.exponent, taken.exponent);
    all.integer <<= all.exponent - exponent;
    taken.integer <<= taken.exponent - exponent;
    return {all.integer - taken.integer, exponent};
}

// The square root of numerator / denominator * 2^exponent, all positive, rounded once: 64 bits of the root, and whether
// there is more, decide.
double rounded_root(multiprecision::cpp_int numerator, multiprecision::cpp_int denominator, int exponent) {
    int shift = 127 - static_cast<int>(msb(numerator)) + static_cast<int>(msb(denominator));
    if (((exponent - shift) & 1) != 0) ++shift;
    if (shift > 0) numerator <<= shift;
    if (shift < 0) denominator <<= -shift;
    multiprecision::cpp_int quotient;
    multiprecision::cpp_int rest;
    divide_qr(numerator, denominator, quotient, rest);  // 2^126 <= quotient < 2^129
    bool more = rest != 0;
    multiprecision::cpp_int left_over;
    multiprecision::cpp_int root = sqrt(quotient, left_over);  // 64 or 65 bits
    more = more || left_over != 0;
    int scale = (exponent - shift) / 2;
    if (msb(root) == 64) {
        more = more || bit_test(root, 0);
        root >>= 1;
        ++scale;
    }
    return round_to_double(false, static_cast<std::uint64_t>(root), more, scale);
}

}  // namespace

template <bool WithSquares>
double exact_pairs<WithSquares>::spread(std::uint64_t divisor) const {
    if (not_finite_ != 0) return std::numeric_limits<double>::quiet_NaN();
    const scaled_integer top = difference(count_, scaled(sums_[of_xy]), scaled(sums_[of_x]), scaled(sums_[of_y]));
    if (top.integer == 0) return 0.0;
    const multiprecision::cpp_int bottom = multiprecision::cpp_int{count_} * divisor;
    const double size = rounded_quotient(abs(top.integer), bottom, top.exponent);
    return top.integer < 0 ? -size : size;
}

template <bool WithSquares>
std::optional<double> exact_pairs<WithSquares>::correlation() const
    requires WithSquares
{
    if (count_ < 2) return std::nullopt;
    if (not_finite_ != 0) return std::numeric_limits<double>::quiet_NaN();
    const scaled_integer sum_x = scaled(sums_[of_x]);
    const scaled_integer sum_y = scaled(sums_[of_y]);
    const scaled_integer spread_x = difference(count_, scaled(sums_[of_xx]), sum_x, sum_x);
    const scaled_integer spread_y = difference(count_, scaled(sums_[of_yy]), sum_y, sum_y);
    if (spread_x.integer == 0 || spread_y.integer == 0) return std::nullopt;
    const scaled_integer top = difference(count_, scaled(sums_[of_xy]), sum_x, sum_y);
    if (top.integer == 0) return 0.0;
    const double size = rounded_root(top.integer * top.integer, spread_x.integer * spread_y.integer,
                                     2 * top.exponent - spread_x.exponent - spread_y.exponent);
    return top.integer < 0 ? -size : size;
}

template class exact_pairs<false>;
template class exact_pairs<true>;

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// Count and sums of pairs of numbers, of their products and squares, all exact: what covariance and correlation are
// read from, rounded once.
//
//   covariance     (n*Sxy - Sx*Sy) / (n * divisor)
//   correlation    (n*Sxy - Sx*Sy) / sqrt((n*Sxx - Sx*Sx) * (n*Syy - Sy*Sy))
#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include <weir/aggregates/exact_product_sum.hpp>

namespace weir::detail {

// Exact for fewer than 2^63 pairs. A pair with a NaN or an infinity is counted, and makes every result NaN.
template <bool WithSquares>
class exact_pairs {
  public:
    template <number X, number Y>
    void add(X x, Y y) {
        ++count_;
        if (!finite(x) || !finite(y)) {
            ++not_finite_;
            return;
        }
        for_each_product(factor_of(x), factor_of(y),
                         [](auto& sum, const factor& left, const factor& right) { sum.add(left, right); });
    }
    template <number X, number Y>
    void subtract(X x, Y y) {
        --count_;
        if (!finite(x) || !finite(y)) {
            --not_finite_;
            return;
        }
        for_each_product(factor_of(x), factor_of(y),
                         [](auto& sum, const factor& left, const factor& right) { sum.subtract(left, right); });
    }
    void merge(const exact_pairs& other) {
        count_ += other.count_;
        not_finite_ += other.not_finite_;
        for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i].merge(other.sums_[i]);
    }
    void subtract(const exact_pairs& other) {
        count_ -= other.count_;
        not_finite_ -= other.not_finite_;
        for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i].subtract(other.sums_[i]);
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    // Of a sample: nothing for fewer than two pairs. NaN if a number is NaN or infinite.
    [[nodiscard]] std::optional<double> covariance() const {
        if (count_ < 2) return std::nullopt;
        return spread(count_ - 1);
    }
    // Of a whole population: nothing if there is no pair.
    [[nodiscard]] std::optional<double> population_covariance() const {
        if (count_ < 1) return std::nullopt;
        return spread(count_);
    }
    // Nothing for fewer than two pairs, and where one of the two numbers is always the same. NaN if one is NaN or
    // infinite.
    [[nodiscard]] std::optional<double> correlation() const
        requires WithSquares;

    static std::string type_tag() { return WithSquares ? "exact_pairs_and_squares" : "exact_pairs"; }
    template <class Writer>
    void save(Writer& writer) const {
        writer.write_fixed(count_);
        writer.write_fixed(not_finite_);
        for (const auto& each : sums_) each.save(writer);
    }
    template <class Reader>
    void load(Reader& reader) {
        count_ = reader.template read_fixed<std::uint64_t>();
        not_finite_ = reader.template read_fixed<std::uint64_t>();
        for (auto& each : sums_) each.load(reader);
    }

  private:
    enum place : std::size_t { of_x, of_y, of_xy, of_xx, of_yy };

    template <number Number>
    [[nodiscard]] static bool finite(Number value) noexcept {
        if constexpr (real_number<Number>) {
            return std::isfinite(value);
        } else {
            return true;
        }
    }
    template <class Function>
    void for_each_product(const factor& left, const factor& right, Function&& function) {
        function(sums_[of_x], left, factor_of_one);
        function(sums_[of_y], right, factor_of_one);
        function(sums_[of_xy], left, right);
        if constexpr (WithSquares) {
            function(sums_[of_xx], left, left);
            function(sums_[of_yy], right, right);
        }
    }
    [[nodiscard]] double spread(std::uint64_t divisor) const;

    std::uint64_t count_ = 0;
    std::uint64_t not_finite_ = 0;
    std::array<exact_product_sum, WithSquares ? 5 : 3> sums_;
};

extern template class exact_pairs<false>;
extern template class exact_pairs<true>;

}  // namespace weir::detail

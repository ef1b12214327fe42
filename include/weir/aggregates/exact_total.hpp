// SPDX-License-Identifier: Apache-2.0
// The exact sum of numbers of one type: a 128-bit integer for whole numbers, exact_sum for doubles and floats.
#pragma once
#include <cstdint>
#include <string>
#include <type_traits>

#include <weir/aggregates/exact_sum.hpp>
#include <weir/record/kind.hpp>

namespace weir::detail {

// Cannot overflow below 2^63 numbers.
class whole_sum {
  public:
    template <whole_number Whole>
    void add(Whole value) noexcept {
        total_ += value;
    }
    template <whole_number Whole>
    void subtract(Whole value) noexcept {
        total_ -= value;
    }
    void merge(const whole_sum& other) noexcept { total_ += other.total_; }
    void subtract(const whole_sum& other) noexcept { total_ -= other.total_; }
    [[nodiscard]] int128 total() const noexcept { return total_; }
    // The nearest double, ties to even.
    [[nodiscard]] double value() const noexcept { return round_to_double(total_, 0); }

    static std::string type_tag() { return "i128"; }
    template <class Writer>
    void save(Writer& writer) const {
        writer.write_fixed(low_word(static_cast<uint128>(total_)));
        writer.write_fixed(high_word(static_cast<uint128>(total_)));
    }
    template <class Reader>
    void load(Reader& reader) {
        const auto low = reader.template read_fixed<std::uint64_t>();
        const auto high = reader.template read_fixed<std::uint64_t>();
        total_ = static_cast<int128>(uint128{high} << 64 | low);
    }

  private:
    int128 total_ = 0;
};

template <number Number>
using exact_total = std::conditional_t<real_number<Number>, exact_sum, whole_sum>;

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// The state of exponential_mean: sums of weights that double with every half-life, and of values times their weights.
//
// A weight is 2^(time / half-life), which is 2^f * 2^k with a whole k and 0 <= f < 1. 2^f is a whole number of 64 bits,
// computed by whole numbers alone and so the same on every machine; it is the only thing that is rounded. Products with
// it are added up exactly, apart for every k: so neither order nor grouping can be seen, however many half-lives a
// window has, and no weight overflows. What lies 1,024 half-lives or more before the newest record is left out: its
// weight is below 2^-1023 of that one's. That depends on nothing but which record is the newest.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <weir/aggregates/exact_product_sum.hpp>
#include <weir/aggregates/rounding.hpp>
#include <weir/base/error.hpp>
#include <weir/time/timestamp.hpp>

namespace weir::detail {

struct decay_weight {
    std::int64_t doublings = 0;   // k
    std::uint64_t fraction = 0;   // 2^f * 2^63, at most 2^-59 of itself away from that
};
[[nodiscard]] decay_weight decay_weight_of(timestamp time, duration half_life) noexcept;

class decaying_sums {
  public:
    // O(1) for records of the newest half-life, else a search in as many places as there are half-lives.
    template <number Number>
    void add(Number value, const decay_weight& weight) {
        if constexpr (real_number<Number>) {
            if (!(value - value == 0)) return add_special(static_cast<double>(value));
        }
        if (sums* const place = place_of(weight.doublings)) {
            place->weights += weight.fraction;
            place->terms.add(factor_of(value), odd_factor(weight.fraction, -63, false));
        }
    }
    void merge(const decaying_sums& other);
    // NaN for no values. Rounded once.
    [[nodiscard]] double mean() const;

    static std::string type_tag() { return "decaying_sums"; }
    template <class Writer>
    void save(Writer& writer) const {
        for (const std::uint64_t each : {not_numbers_, highest_, lowest_}) writer.write_fixed(each);
        writer.write_count(sums_.size());
        for (const sums& each : sums_) {
            writer.write_fixed(each.doublings);
            writer.write_fixed(low_word(each.weights));
            writer.write_fixed(high_word(each.weights));
            each.terms.save(writer);
        }
    }
    template <class Reader>
    void load(Reader& reader) {
        decaying_sums fresh;
        for (auto* each : {&fresh.not_numbers_, &fresh.highest_, &fresh.lowest_}) {
            *each = reader.template read_fixed<std::uint64_t>();
        }
        for (auto left = reader.read_count(); left > 0; --left) {
            sums each;
            each.doublings = reader.template read_fixed<std::int64_t>();
            const auto low = reader.template read_fixed<std::uint64_t>();
            const auto high = reader.template read_fixed<std::uint64_t>();
            each.weights = uint128{high} << 64 | low;
            each.terms.load(reader);
            const bool rises = fresh.sums_.empty() || fresh.sums_.back().doublings < each.doublings;
            if (!rises || each.weights == 0) refuse();
            fresh.sums_.push_back(std::move(each));
        }
        if (!fresh.sums_.empty() && forgotten(fresh.sums_.front().doublings, fresh.sums_.back().doublings)) refuse();
        *this = std::move(fresh);
    }

  private:
    struct sums {
        std::int64_t doublings = 0;
        uint128 weights = 0;
        exact_product_sum terms;
    };
    static constexpr std::uint64_t remembered = 1024;

    [[nodiscard]] static bool forgotten(std::int64_t doublings, std::int64_t newest) noexcept {
        return doublings < newest &&
               static_cast<std::uint64_t>(newest) - static_cast<std::uint64_t>(doublings) >= remembered;
    }
    // Null where it is too old.
    [[nodiscard]] sums* place_of(std::int64_t doublings) {
        if (!sums_.empty() && sums_.back().doublings == doublings) return &sums_.back();
        return find_or_add(doublings);
    }
    [[nodiscard]] sums* find_or_add(std::int64_t doublings);
    void add_special(double value) noexcept {
        ++(value != value ? not_numbers_ : value > 0 ? highest_ : lowest_);
    }
    [[noreturn]] static void refuse();

    std::vector<sums> sums_;  // rising
    std::uint64_t not_numbers_ = 0;
    std::uint64_t highest_ = 0;  // infinities
    std::uint64_t lowest_ = 0;
};

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// median(&Payment::amount, 1000): the exact median of at most so many records; of an even number of them the mean of
// the two in the middle, rounded once. Empty for no records. NaN if a value is NaN; infinities lie at the ends, and -0
// below +0. For windows without a bound there is quantile, which is approximate.
//
// It keeps every value, in order: 8 bytes each for doubles. O(log n) to find a record's place and up to n moves of a
// number; a merge is O(n), a result O(1). Once there are more records than the bound the values are dropped, and the
// result is an error of kind `user` that says so: the same in every run, since it depends on nothing but how many
// records there are. Nothing can be taken back. A bound of 0 is a configuration error.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/first_few.hpp>
#include <weir/aggregates/projection.hpp>
#include <weir/aggregates/ranking.hpp>
#include <weir/aggregates/rounding.hpp>
#include <weir/base/error.hpp>
#include <weir/record/binary.hpp>
#include <weir/record/schema.hpp>

namespace weir {

namespace detail {

// (left + right) / 2, rounded once. Large numbers are halved first, which is exact where it matters.
[[nodiscard]] inline double middle_of(double left, double right) noexcept {
    constexpr double half = std::numeric_limits<double>::max() / 2;
    if (left == right) return left;
    const bool large = left > half || left < -half || right > half || right < -half;
    return large ? left / 2 + right / 2 : (left + right) / 2;
}

template <class Number>
class sorted_values {
  public:
    void add(Number value, std::size_t most) {
        if (++count_ > most) return drop();
        values_.insert(std::upper_bound(values_.begin(), values_.end(), value, ordered_before<Number>), value);
    }
    void merge(const sorted_values& other, std::size_t most) {
        count_ += other.count_;
        if (count_ > most) return drop();
        std::vector<Number> both;
        both.reserve(values_.size() + other.values_.size());
        std::merge(values_.begin(), values_.end(), other.values_.begin(), other.values_.end(),
                   std::back_inserter(both), ordered_before<Number>);
        values_ = std::move(both);
    }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    // There must be values: some, and no more than the bound.
    [[nodiscard]] double median() const noexcept {
        const Number low = values_[(values_.size() - 1) / 2];
        const Number high = values_[values_.size() / 2];
        if constexpr (real_number<Number>) {
            const Number first = values_.front();
            const Number last = values_.back();
            const double middle = middle_of(static_cast<double>(low), static_cast<double>(high));
            const bool any_nan = first != first || last != last || middle != middle;
            return any_nan ? std::numeric_limits<double>::quiet_NaN() : middle;
        } else {
            return round_to_double(int128{low} + int128{high}, -1);
        }
    }

    static std::string type_tag() { return "sorted<" + weir::type_tag<Number>() + ">"; }
    template <class Writer>
    void save(Writer& writer) const {
        writer.write_fixed(count_);
        weir::save(writer, values_);
    }
    template <class Reader>
    void load(Reader& reader) {
        sorted_values fresh;
        fresh.count_ = reader.template read_fixed<std::uint64_t>();
        weir::load(reader, fresh.values_);
        const bool whole = fresh.values_.size() == fresh.count_ || fresh.values_.empty();
        if (!whole || !std::is_sorted(fresh.values_.begin(), fresh.values_.end(), ordered_before<Number>)) {
            throw error(error_kind::state, "the snapshot is damaged: the values of a median are not in order");
        }
        *this = std::move(fresh);
    }

  private:
    void drop() noexcept { std::vector<Number>().swap(values_); }

    std::vector<Number> values_;  // in order; none once there were too many
    std::uint64_t count_ = 0;
};

template <class P>
struct taking_median : projecting<P> {
    using value_type = typename projecting<P>::value_type;
    static_assert(number<value_type>, "median needs a number: float, double or an integer of up to 64 bits");
    using state_type = sorted_values<value_type>;
    static constexpr bool commutes = true;

    std::size_t most = 0;

    template <class Q>
    [[nodiscard]] taking_median<Q> rebound(Q other) const {
        return {{std::move(other)}, most};
    }
    [[nodiscard]] state_type create() const { return {}; }
    template <class Record>
        requires projects<P, Record>
    void add(state_type& state, const Record& record) const {
        state.add(this->value_of(record), most);
    }
    void merge(state_type& state, const state_type& other) const { state.merge(other, most); }
    [[nodiscard]] std::optional<double> result(const state_type& state) const {
        if (state.count() > most) {
            throw error(error_kind::user, name() + " of more than " + std::to_string(most) +
                                              " records: give it a larger bound, or use weir::quantile");
        }
        if (state.count() == 0) return std::nullopt;
        return state.median();
    }
    [[nodiscard]] std::string name() const { return this->named("median"); }
    [[nodiscard]] std::string state_tag() const {
        return "median<" + std::to_string(most) + "," + state_type::type_tag() + ">";
    }
};
}  // namespace detail

template <class P>
[[nodiscard]] detail::taking_median<P> median(P value, std::size_t most) {
    detail::require_room(most, "median(..., 0) keeps nothing: give it at least 1");
    return {{std::move(value)}, most};
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
//   quantile(&Request::latency, 0.99)              within 1 % of the exact quantile
//   quantile(&Request::latency, 0.99, 0.001)       within 0.1 %
//   quantiles(&Request::latency, {0.5, 0.9, 0.99}) several from one sketch: a list, such as JSON takes but CSV does not
//
// Of n values in order, number floor(q * (n - 1)), counted from 0, with the stated relative error, whatever the values:
// DDSketch (quantile_sketch.hpp). The error is one of the value and not of the rank; below 2^-1022, where doubles are
// no longer normal, up to 2^-1074 joins it. Whole numbers are taken as doubles. For no records: empty, or the empty
// list. NaN if a value is NaN; infinities lie at the ends and come out as they are, and so does 0.
//
// O(1) per record, also to take one back; a merge or a result is O(b) for b buckets in use, plus half a microsecond.
// Memory: 128 bytes for every 16 buckets in a row of which one is in use, 4 bytes for every 16 between the lowest and
// the highest. At 1 % there are 35 to 37 buckets from a number to its double: values over six decades take at most 6
// KB, all doubles of both signs together 1.2 MB (vectors may hold twice that while they grow); at an error of a, 0.01
// / a times as much. A quantile outside [0, 1] or an error outside [0.0001, 0.5] is a configuration error.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/projection.hpp>
#include <weir/aggregates/quantile_sketch.hpp>

namespace weir {

namespace detail {

// Throw errors of kind `configuration`.
[[nodiscard]] double checked_quantile(double quantile);
[[nodiscard]] double checked_relative_error(double relative_error);
// "p50", "p99_9"
[[nodiscard]] std::string percent_name(double quantile);
[[nodiscard]] std::string tag_of_quantiles(double relative_error);

template <class P>
struct sketching : projecting<P> {
    static_assert(number<typename projecting<P>::value_type>,
                  "quantile needs a number: float, double or an integer of up to 64 bits");
    using state_type = quantile_sketch;
    static constexpr bool commutes = true;

    bucket_line line;

    [[nodiscard]] state_type create() const { return {}; }
    template <class Record>
        requires projects<P, Record>
    void add(state_type& state, const Record& record) const {
        state.add(static_cast<double>(this->value_of(record)), line);
    }
    template <class Record>
        requires projects<P, Record>
    void remove(state_type& state, const Record& record) const {
        state.subtract(static_cast<double>(this->value_of(record)), line);
    }
    void merge(state_type& state, const state_type& other) const { state.merge(other); }
    void unmerge(state_type& state, const state_type& other) const { state.subtract(other); }
    [[nodiscard]] std::string state_tag() const { return tag_of_quantiles(line.relative_error()); }
};

template <class P>
struct taking_quantile : sketching<P> {
    double at;

    template <class Q>
    [[nodiscard]] taking_quantile<Q> rebound(Q other) const {
        return {{{std::move(other)}, this->line}, at};
    }
    [[nodiscard]] std::optional<double> result(const quantile_sketch& state) const {
        if (state.count() == 0) return std::nullopt;
        return state.quantile(at, this->line);
    }
    // "p99_latency"
    [[nodiscard]] std::string name() const { return this->named(percent_name(at)); }
};

template <class P, std::size_t Count>
struct taking_quantiles : sketching<P> {
    std::array<double, Count> at;

    [[nodiscard]] std::vector<double> result(const quantile_sketch& state) const {
        std::vector<double> values;
        if (state.count() == 0) return values;
        for (const double each : at) values.push_back(state.quantile(each, this->line));
        return values;
    }
    [[nodiscard]] std::string name() const { return this->named("quantiles"); }
};
}  // namespace detail

template <class P>
[[nodiscard]] detail::taking_quantile<P> quantile(P value, double quantile, double relative_error = 0.01) {
    const detail::bucket_line line(detail::checked_relative_error(relative_error));
    return {{{std::move(value)}, line}, detail::checked_quantile(quantile)};
}
template <class P, std::size_t Count>
[[nodiscard]] detail::taking_quantiles<P, Count> quantiles(P value, const double (&quantiles)[Count],
                                                           double relative_error = 0.01) {
    const detail::bucket_line line(detail::checked_relative_error(relative_error));
    std::array<double, Count> at{};
    for (std::size_t i = 0; i < Count; ++i) at[i] = detail::checked_quantile(quantiles[i]);
    return {{{std::move(value)}, line}, at};
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// The standard deviation of a number: the square root of the variance, empty where that is empty.
#pragma once
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <weir/aggregates/variance.hpp>

namespace weir {

namespace detail {
[[nodiscard]] inline std::optional<double> root_of(std::optional<double> variance) noexcept {
    if (variance) variance = std::sqrt(*variance);
    return variance;
}

template <class P>
struct sample_deviation : spreading<P> {
    [[nodiscard]] std::optional<double> result(const exact_moments& state) const { return root_of(state.variance()); }
    [[nodiscard]] std::string name() const { return this->named("stddev"); }
};

template <class P>
struct deviation_of_population : spreading<P> {
    [[nodiscard]] std::optional<double> result(const exact_moments& state) const {
        return root_of(state.population_variance());
    }
    [[nodiscard]] std::string name() const { return this->named("population_stddev"); }
};
}  // namespace detail

template <class P>
[[nodiscard]] detail::sample_deviation<P> stddev(P project) {
    return {{{std::move(project)}}};
}
template <class P>
[[nodiscard]] detail::deviation_of_population<P> population_stddev(P project) {
    return {{{std::move(project)}}};
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// The variance of a number, exact and rounded once. Of a sample (divided by n - 1): empty below two records. Of a
// population (divided by n): empty for none. NaN if a value is NaN or infinite.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/exact_moments.hpp>
#include <weir/aggregates/projection.hpp>

namespace weir {

namespace detail {
template <class P>
struct spreading : projecting<P> {
    using value_type = typename projecting<P>::value_type;
    static_assert(number<value_type>,
                  "variance and stddev need a number: float, double or an integer of up to 64 bits");
    using state_type = exact_moments;
    static constexpr bool commutes = true;

    [[nodiscard]] state_type create() const noexcept { return {}; }
    template <class Record>
        requires projects<P, Record>
    void add(state_type& state, const Record& record) const {
        state.add(exact_value(record));
    }
    template <class Record>
        requires projects<P, Record>
    void remove(state_type& state, const Record& record) const {
        state.subtract(exact_value(record));
    }
    void merge(state_type& state, const state_type& other) const { state.merge(other); }
    void unmerge(state_type& state, const state_type& other) const { state.subtract(other); }

  private:
    template <class Record>
    [[nodiscard]] auto exact_value(const Record& record) const {
        using wide = std::conditional_t<real_number<value_type>, double,
                                        std::conditional_t<std::is_signed_v<value_type>, std::int64_t, std::uint64_t>>;
        return static_cast<wide>(this->value_of(record));
    }
};

template <class P>
struct sample_variance : spreading<P> {
    [[nodiscard]] std::optional<double> result(const exact_moments& state) const { return state.variance(); }
    [[nodiscard]] std::string name() const { return this->named("variance"); }
};

template <class P>
struct variance_of_population : spreading<P> {
    [[nodiscard]] std::optional<double> result(const exact_moments& state) const {
        return state.population_variance();
    }
    [[nodiscard]] std::string name() const { return this->named("population_variance"); }
};
}  // namespace detail

template <class P>
[[nodiscard]] detail::sample_variance<P> variance(P project) {
    return {{{std::move(project)}}};
}
template <class P>
[[nodiscard]] detail::variance_of_population<P> population_variance(P project) {
    return {{{std::move(project)}}};
}

}  // namespace weir

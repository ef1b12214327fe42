// SPDX-License-Identifier: Apache-2.0
// covariance(&Reading::load, &Reading::heat): how two numbers vary together, exact and rounded once, of any finite
// doubles and of whole numbers. Of a sample (divided by n - 1): empty below two records. Of a population (divided by
// n): empty for none. NaN if a number is NaN or infinite.
//
// O(1) per record, also to take one back; a merge is O(1). A state is 160 bytes, and 536 more for each of its three
// sums whose terms spread over more than about 190 binary digits. A result goes through whole numbers of any size:
// about half a microsecond.
#pragma once
#include <optional>
#include <string>
#include <utility>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/exact_pairs.hpp>
#include <weir/aggregates/projection.hpp>

namespace weir {

namespace detail {
// What covariance and correlation have in common.
template <class P, class Q, bool WithSquares>
struct pairing {
    static_assert(number<typename projecting<P>::value_type> && number<typename projecting<Q>::value_type>,
                  "covariance and correlation need two numbers: float, double or an integer of up to 64 bits");
    using state_type = exact_pairs<WithSquares>;
    static constexpr bool commutes = true;

    projecting<P> left;
    projecting<Q> right;

    [[nodiscard]] state_type create() const noexcept { return {}; }
    template <class Record>
        requires(projects<P, Record> && projects<Q, Record>)
    void add(state_type& state, const Record& record) const {
        state.add(left.value_of(record), right.value_of(record));
    }
    template <class Record>
        requires(projects<P, Record> && projects<Q, Record>)
    void remove(state_type& state, const Record& record) const {
        state.subtract(left.value_of(record), right.value_of(record));
    }
    void merge(state_type& state, const state_type& other) const { state.merge(other); }
    void unmerge(state_type& state, const state_type& other) const { state.subtract(other); }

  protected:
    [[nodiscard]] std::string named(const char* aggregate) const { return right.named(left.named(aggregate)); }
};

template <class P, class Q>
struct sample_covariance : pairing<P, Q, false> {
    using state_type = exact_pairs<false>;
    [[nodiscard]] std::optional<double> result(const state_type& state) const { return state.covariance(); }
    [[nodiscard]] std::string name() const { return this->named("covariance"); }
};

template <class P, class Q>
struct covariance_of_population : pairing<P, Q, false> {
    using state_type = exact_pairs<false>;
    [[nodiscard]] std::optional<double> result(const state_type& state) const { return state.population_covariance(); }
    [[nodiscard]] std::string name() const { return this->named("population_covariance"); }
};
}  // namespace detail

template <class P, class Q>
[[nodiscard]] detail::sample_covariance<P, Q> covariance(P left, Q right) {
    return {{{std::move(left)}, {std::move(right)}}};
}
template <class P, class Q>
[[nodiscard]] detail::covariance_of_population<P, Q> population_covariance(P left, Q right) {
    return {{{std::move(left)}, {std::move(right)}}};
}

}  // namespace weir

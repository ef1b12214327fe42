// SPDX-License-Identifier: Apache-2.0
// How many different values: exact, in memory proportional to that number.
#pragma once
#include <cstdint>
#include <string>
#include <utility>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/multiplicities.hpp>
#include <weir/aggregates/projection.hpp>
#include <weir/base/spare_blocks.hpp>

namespace weir {

namespace detail {
template <class P>
struct counting_distinct : projecting<P> {
    using state_type = multiplicities<typename projecting<P>::value_type>;
    static constexpr bool commutes = true;

    own_spare_blocks blocks{};

    [[nodiscard]] state_type create() const { return state_type{blocks.get()}; }
    template <class Record>
        requires projects<P, Record>
    void add(state_type& state, const Record& record) const {
        state.add(this->value_of(record));
    }
    template <class Record>
        requires projects<P, Record>
    void remove(state_type& state, const Record& record) const {
        state.remove(this->value_of(record));
    }
    void merge(state_type& state, const state_type& other) const { state.merge(other); }
    void unmerge(state_type& state, const state_type& other) const { state.subtract(other); }
    [[nodiscard]] std::uint64_t result(const state_type& state) const noexcept { return state.size(); }
    [[nodiscard]] std::string name() const { return this->named("distinct"); }
};
}  // namespace detail

template <class P>
[[nodiscard]] detail::counting_distinct<P> distinct(P project) {
    return {{std::move(project)}};
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// How many records: a 64-bit count.
#pragma once
#include <cstdint>
#include <string>

#include <weir/aggregates/aggregate.hpp>

namespace weir {

namespace detail {
struct counting {
    using state_type = std::uint64_t;
    static constexpr bool commutes = true;

    [[nodiscard]] state_type create() const noexcept { return 0; }
    template <class Record>
    void add(state_type& state, const Record&) const noexcept {
        ++state;
    }
    template <class Record>
    void remove(state_type& state, const Record&) const noexcept {
        --state;
    }
    void merge(state_type& state, const state_type& other) const noexcept { state += other; }
    void unmerge(state_type& state, const state_type& other) const noexcept { state -= other; }
    [[nodiscard]] std::uint64_t result(const state_type& state) const noexcept { return state; }
    [[nodiscard]] std::string name() const { return "count"; }
};
}  // namespace detail

[[nodiscard]] inline detail::counting count() { return {}; }

}  // namespace weir

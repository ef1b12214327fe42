// SPDX-License-Identifier: Apache-2.0
// most_frequent(3, &Payment::merchant): the three values that occur most often, each with how often, the most frequent
// first; of equally frequent ones the smaller value first. Exact, and so a count is kept for every value that occurs:
// memory is proportional to their number, as for distinct. Values are told apart as distinct tells them.
//
// O(1) per record, also to take one back; a result is O(n log k) for n different values. k == 0 is a configuration
// error.
#pragma once
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/first_few.hpp>
#include <weir/aggregates/multiplicities.hpp>
#include <weir/aggregates/projection.hpp>
#include <weir/aggregates/ranking.hpp>
#include <weir/base/spare_blocks.hpp>

namespace weir {

namespace detail {
template <class P>
struct counting_most_frequent : projecting<P> {
    using value_type = typename projecting<P>::value_type;
    using stored_type = stored_as<value_type>;
    static_assert(std::totally_ordered<stored_type>, "most_frequent needs values that < orders totally");
    using state_type = multiplicities<value_type>;
    static constexpr bool commutes = true;

    std::size_t most = 0;
    own_spare_blocks blocks{};

    template <class Q>
    [[nodiscard]] counting_most_frequent<Q> rebound(Q other) const {
        return {{std::move(other)}, most};
    }
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
    [[nodiscard]] std::vector<std::pair<stored_type, std::uint64_t>> result(const state_type& state) const {
        std::vector<std::pair<stored_type, std::uint64_t>> first;
        const auto above = [](const auto& value, std::uint64_t times, const auto& other, std::uint64_t other_times) {
            return times != other_times ? times > other_times : ordered_before(value, other);
        };
        // A heap of the best so far, the worst on top.
        const auto better = [&](const auto& left, const auto& right) {
            return above(left.first, left.second, right.first, right.second);
        };
        state.for_each([&](const auto& value, std::uint64_t times) {
            if (first.size() == most) {
                const stored_type stored(value);
                if (!above(stored, times, first.front().first, first.front().second)) return;
                std::pop_heap(first.begin(), first.end(), better);
                first.pop_back();
            }
            first.emplace_back(stored_type(value), times);
            std::push_heap(first.begin(), first.end(), better);
        });
        std::sort_heap(first.begin(), first.end(), better);
        return first;
    }
    [[nodiscard]] std::string name() const { return this->named("most_frequent"); }
};
}  // namespace detail

template <class P>
[[nodiscard]] detail::counting_most_frequent<P> most_frequent(std::size_t k, P value) {
    detail::require_room(k, "most_frequent(0, ...) keeps nothing: give it at least 1");
    return {{std::move(value)}, k};
}

}  // namespace weir

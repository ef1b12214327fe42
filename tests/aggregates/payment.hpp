// SPDX-License-Identifier: Apache-2.0
// Three payments, and what an aggregate makes of them.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <weir/aggregates/aggregate.hpp>
#include <weir/record/describe.hpp>
#include <weir/time/stamp.hpp>

namespace weir_test {

struct payment {
    std::uint64_t card = 0;
    double amount = 0;
    std::string merchant{};
    std::int64_t points = 0;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, amount, merchant, points))

inline const std::vector<payment>& three_payments() {
    static const std::vector<payment> list{{1, 0.1, "bakery", 3}, {2, 0.2, "bookshop", -4}, {1, 0.3, "bakery", 3}};
    return list;
}

// Adds the payments in order, one second after the other.
template <class A>
auto result_of(const A& aggregate, const std::vector<payment>& payments) {
    auto state = aggregate.create();
    weir::stamp at{weir::timestamp{}, {}};
    for (const auto& paid : payments) {
        weir::detail::add(aggregate, state, paid, at);
        at.time += std::chrono::seconds{1};
        ++at.at.position;
    }
    return aggregate.result(state);
}

}  // namespace weir_test

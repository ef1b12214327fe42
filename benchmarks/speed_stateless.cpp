// SPDX-License-Identifier: Apache-2.0
// map, filter, map into for_each, from memory.
#include "speed.hpp"

namespace speed {
namespace {

struct charged {
    std::uint64_t card;
    double amount;
};

constexpr auto with_fee = [](const payment& each) { return charged{each.card, each.amount * 1.01 + 0.3}; };
constexpr auto is_large = [](const charged& each) { return each.amount > 250.0; };
constexpr auto amount_of = [](const charged& each) { return each.amount; };

contest stateless_chain(std::size_t records) {
    auto input = std::make_shared<payments>(make_payments(records, 10'000, 7.5));
    auto total = std::make_shared<checksum>();
    const auto consume = [to = total.get()](double amount) { to->take(amount); };
    const weir::graph graph("chain", weir::memory(*input) | weir::map(with_fee) | weir::filter(is_large) |
                                         weir::map(amount_of) | weir::into(weir::for_each(consume)));
    const auto in_weir = [graph, total] {
        *total = {};
        weir::run(graph, weir::batch{});
        return *total;
    };
    const auto by_hand = [input, total, consume] {
        *total = {};
        for (const payment& each : *input) {
            const charged made = with_fee(each);
            if (is_large(made)) consume(amount_of(made));
        }
        return *total;
    };
    return {records, in_weir, by_hand, {}};
}

}  // namespace

void add_stateless_cases(std::vector<speed_case>& cases) {
    cases.push_back({"chain", "stateless chain: map, filter, map", 1.05, 4'000'000, stateless_chain});
}

}  // namespace speed

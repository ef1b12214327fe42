// SPDX-License-Identifier: Apache-2.0
// A pattern is stages with conditions, one behind the other. Card testing: three or more small amounts, then one that
// is over a hundred times the largest of them, within ten minutes. What a match has taken is reached by the stages'
// names, which are types: a misspelt one does not compile.
#include <algorithm>
#include <iostream>

#include <weir/weir.hpp>

using namespace std::chrono_literals;

struct payment {
    std::uint64_t id;
    std::string card;
    weir::timestamp at;
    double amount;
};
BOOST_DESCRIBE_STRUCT(payment, (), (id, card, at, amount))

constexpr weir::pattern_stage<"probes"> probes;
constexpr weir::pattern_stage<"large"> large;

int main() {
    const auto largest = [](const auto& some) { return std::ranges::max(some, {}, &payment::amount).amount; };
    const auto card_testing = weir::pattern(
        weir::begin(probes, [](const payment& each) { return each.amount < 5; }).times_or_more(3),
        weir::followed_by(large, [](const payment& each) { return each.amount >= 100; },
                          [largest](const payment& each, const auto& so_far) {
                              return each.amount > 100 * largest(so_far[probes]);
                          }),
        weir::within(10min), weir::skip::past_last);

    const weir::timestamp noon = std::chrono::sys_days{2025y / 6 / 1} + 12h;
    const auto payments = weir::memory<payment>({{1, "4711", noon, 1.0},
                                                 {2, "0815", noon + 10s, 3.5},
                                                 {4, "4711", noon + 90s, 2.0},  // comes before one that is older
                                                 {3, "4711", noon + 60s, 1.5},
                                                 {5, "0815", noon + 2min, 900.0},
                                                 {6, "4711", noon + 3min, 40.0},
                                                 {7, "4711", noon + 4min, 250.0},
                                                 {8, "4711", noon + 5min, 300.0}})
                        | weir::event_time(&payment::at, weir::out_of_order(1min));
    const auto alerts = payments | weir::key_by(&payment::card)
                      | weir::match(card_testing, [](const std::string& card, const auto& match) {
                            std::string text = "card " + card + ": after";
                            for (const payment& each : match[probes]) text += " " + std::to_string(each.id);
                            return text + " came " + std::to_string(match[large].front().id);
                        });
    const weir::graph graph("card testing",
                            alerts | weir::into(weir::for_each([](const std::string& text) {
                                std::cout << text << '\n';
                            })));
    weir::run(graph, weir::batch{});
}

// SPDX-License-Identifier: Apache-2.0
// Embedding: a graph answers requests inside a plain program. ask sends a record through the graph, in the caller's
// thread, and returns the reply that comes out at `reply(requests)`. Any thread may ask. When there is no reply, the
// result says why: nothing is thrown and nobody waits in vain.
#include <iostream>

#include <weir/weir.hpp>

using namespace std::chrono_literals;

struct payment {
    std::uint64_t card;
    weir::timestamp at;
    double amount;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, at, amount))

struct decision {
    bool approved;
    double spent;
};
BOOST_DESCRIBE_STRUCT(decision, (), (approved, spent))

struct account {
    double spent = 0;
};
BOOST_DESCRIBE_STRUCT(account, (), (spent))

// No card may spend more than 100.
auto decide(auto payments) {
    return payments
         | weir::filter([](const payment& each) { return each.amount > 0; })
         | weir::event_time(&payment::at, weir::out_of_order(5s))
         | weir::key_by(&payment::card)
         | weir::process<account>([](auto&, const payment& each, account& state) {
               const bool approved = state.spent + each.amount <= 100;
               if (approved) state.spent += each.amount;
               return decision{approved, state.spent};
           });
}

int main() {
    const auto requests = weir::requests<payment, decision>();
    const weir::graph graph("decisions", decide(requests) | weir::reply(requests));
    weir::engine engine = weir::start(graph, weir::event_loop{});

    const weir::timestamp nine = std::chrono::sys_days{2025y / 6 / 1} + 9h;
    const payment payments[] = {{7, nine, 60}, {7, nine + 10s, 50}, {8, nine + 20s, 50}, {7, nine + 21s, -1},
                                {7, nine + 1s, 5}};
    for (const payment& each : payments) {
        const weir::result<decision> reply = engine.ask(requests, each, 50ms);
        std::cout << each.amount << ": " << (reply ? weir::to_text(*reply) : reply.failure().text()) << '\n';
    }
    const weir::result<weir::run_report> report = engine.stop();
    if (!report) std::cout << report.failure().text() << '\n';
    std::cout << "after the end: " << engine.ask(requests, payments[0]).failure().text() << '\n';
}

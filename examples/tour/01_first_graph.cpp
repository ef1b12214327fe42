// SPDX-License-Identifier: Apache-2.0
// A first graph: a source, pure steps and a sink. The steps are written once, as a function of a stream; the graph is a
// value, and a runner decides how it is run. All runners give the same answer.
#include <iostream>
#include <string>

#include <weir/weir.hpp>

struct order {
    std::uint64_t id;
    std::string customer;
    double amount;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, customer, amount))

struct invoice {
    std::uint64_t id;
    std::string text;
    friend bool operator==(const invoice&, const invoice&) = default;
};
BOOST_DESCRIBE_STRUCT(invoice, (), (id, text))

auto invoices(auto orders) {
    return orders
         | weir::filter([](const order& each) { return each.amount > 0; })
         | weir::map([](const order& each) {
               return invoice{each.id, each.customer + " pays " + weir::to_text(each.amount)};
           });
}

int main() {
    const auto orders = weir::memory<order>({{1, "Ada", 12.5}, {2, "Bob", 0}, {3, "Cyd", 7}, {4, "Ada", 99.25}});
    const auto sink = weir::collect<invoice>();
    const weir::graph graph("invoices", invoices(orders) | weir::into(sink));

    const weir::run_report live = weir::run(graph, weir::event_loop{});
    const weir::run_report past = weir::run(graph, weir::batch{.threads = 2});

    for (const invoice& each : live.output(sink)) std::cout << weir::to_text(each) << '\n';
    std::cout << live.records << " orders read, " << live.output(sink).size() << " invoices\n";
    std::cout << "a batch says the same: " << std::boolalpha << (past.output(sink) == live.output(sink)) << '\n';
}

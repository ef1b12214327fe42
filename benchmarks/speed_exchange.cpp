// SPDX-License-Identifier: Apache-2.0
// What it costs to hand records to other workers: a light keyed stage behind two workers against the same behind one.
//
// exchange   both workers are stepped by one thread (the simulated environment), so that the difference is all the work
//            that the exchange adds, and no other load on the machine can hide it
// threads_2  two threads, wall-clock time: what two cores gain
#include <weir/testing/simulation.hpp>

#include "speed.hpp"

namespace speed {
namespace {

auto graph_into(const payments& input, checksum* total) {
    const auto consume = [total](int) { ++total->rows; };
    return weir::graph("exchange", weir::memory(input) |
                                       weir::event_time(&payment::at, weir::out_of_order(disorder)) |
                                       weir::key_by(&payment::card) | weir::window(weir::tumbling(24h * 365)) |
                                       weir::aggregate(weir::count()) |
                                       weir::map([](const auto&) { return 0; }) |
                                       weir::into(weir::for_each(consume)));
}

contest against_one_worker(std::size_t records, bool simulated) {
    const payments input = make_payments(records, 1'000, 7.5);
    auto total = std::make_shared<checksum>();
    const weir::graph graph = graph_into(input, total.get());
    const auto by = [graph, total, simulated](unsigned threads) {
        *total = {};
        if (simulated) {
            weir::testing::simulation environment;
            weir::run(graph, weir::batch{.threads = threads}, environment);
        } else {
            weir::run(graph, weir::batch{.threads = threads});
        }
        return *total;
    };
    return {records, [by] { return by(2); }, [by] { return by(1); }, {}};
}

}  // namespace

void add_exchange_cases(std::vector<speed_case>& cases) {
    const auto simulated = [](std::size_t records) { return against_one_worker(records, true); };
    const auto threads = [](std::size_t records) { return against_one_worker(records, false); };
    cases.push_back({"exchange", "exchange hand-off, 2 workers - 1, ns", 5, 2'000'000, simulated, true});
    cases.push_back({"threads_2", "the same, 2 threads - 1, wall clock, ns", 5, 2'000'000, threads, true});
}

}  // namespace speed

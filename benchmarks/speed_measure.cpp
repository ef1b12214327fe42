// SPDX-License-Identifier: Apache-2.0
// What measuring costs (run_tuning::measure): an event loop, record by record, through four stages, measured and not.
#include "speed.hpp"

namespace speed {
namespace {

struct total {
    double amount = 0;
};

contest measured_against_not(std::size_t records) {
    const payments input = make_payments(records, 1'000, 7.5);
    auto sum = std::make_shared<checksum>();
    const auto add = weir::process<total>([](auto&, const payment& each, total& state) {
        state.amount += each.amount;
        return payment{each.card, each.at, state.amount};
    });
    const auto consume = [into = sum.get()](const payment& each) { into->take(each.amount); };
    const auto stream = weir::memory(input) | weir::event_time(&payment::at, weir::out_of_order(disorder)) |
                        weir::key_by(&payment::card) | add | weir::key_by(&payment::card) | add |
                        weir::key_by(&payment::card) | add |
                        weir::into(weir::for_each(consume));
    const auto run = [sum, what = weir::graph("measured", stream)](bool measure) {
        *sum = {};
        weir::run(what, weir::event_loop{.tuning = {.measure = measure}});
        return *sum;
    };
    return {records, [run] { return run(true); }, [run] { return run(false); }, {}};
}

}  // namespace

void add_measure_cases(std::vector<speed_case>& cases) {
    cases.push_back({"measure", "measuring 4 stages and a log - not, ns", 100, 500'000, measured_against_not, true});
}

}  // namespace speed

// SPDX-License-Identifier: Apache-2.0
// The rolling sum and maximum of every card over ten seconds, per record.
#include "speed_by_hand.hpp"

namespace speed {
namespace {

constexpr auto consume_into(checksum* to) {
    return [to](const by_hand::rolling_row& row) {
        to->take(row.get<0>()[0] + row.get<1>()[0] + static_cast<double>(row.record.card));
    };
}

template <class Sum>
std::function<checksum()> loop(std::shared_ptr<payments> input) {
    return [input = std::move(input)] {
        checksum total;
        const auto consume = consume_into(&total);
        by_hand::rolling<Sum, decltype(consume)> worker(10s, consume);
        for (const payment& each : *input) worker.take(each);
        worker.finish();
        return total;
    };
}

contest rolling(std::size_t records) {
    auto input = std::make_shared<payments>(make_payments(records, 10'000, 7.5));
    auto total = std::make_shared<checksum>();
    const weir::graph graph("rolling", weir::memory(*input) |
                                           weir::event_time(&payment::at, weir::out_of_order(disorder)) |
                                           weir::key_by(&payment::card) | weir::rolling(10s) |
                                           weir::aggregate(weir::sum(&payment::amount), weir::max(&payment::amount)) |
                                           weir::into(weir::for_each(consume_into(total.get()))));
    const auto in_weir = [graph, total] {
        *total = {};
        weir::run(graph, weir::batch{});
        return *total;
    };
    return {records, in_weir, loop<weir::exact_sum>(input), loop<by_hand::plain_sum>(input)};
}

}  // namespace

void add_rolling_cases(std::vector<speed_case>& cases) {
    cases.push_back({"rolling_10k", "rolling sum and max over 10 s, 10 k keys", 1.2, 2'000'000, rolling});
}

}  // namespace speed

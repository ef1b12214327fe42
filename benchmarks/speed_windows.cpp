// SPDX-License-Identifier: Apache-2.0
// Count and sum per card: in one window over everything, in tumbling and in sliding windows; in chunks and record by
// record.
#include "speed_by_hand.hpp"

namespace speed {
namespace {

constexpr auto consume_into(checksum* to) {
    return [to](const by_hand::window_row& row) {
        to->take(row.get<1>() + static_cast<double>(row.get<0>()) + static_cast<double>(row.key));
        to->bits += static_cast<std::uint64_t>(row.end.time_since_epoch().count());
    };
}

template <class Worker>
std::function<checksum()> loop(std::shared_ptr<payments> input, Worker make) {
    return [input = std::move(input), make] {
        checksum total;
        auto worker = make(consume_into(&total));
        for (const payment& each : *input) worker.take(each);
        worker.finish();
        return total;
    };
}

template <class Runner>
contest windows(std::size_t records, std::uint64_t cards, weir::window_grid grid, Runner runner) {
    auto input = std::make_shared<payments>(make_payments(records, cards, 7.5));
    auto total = std::make_shared<checksum>();
    const weir::graph graph("windows", weir::memory(*input) |
                                           weir::event_time(&payment::at, weir::out_of_order(disorder)) |
                                           weir::key_by(&payment::card) | weir::window(grid) |
                                           weir::aggregate(weir::count(), weir::sum(&payment::amount)) |
                                           weir::into(weir::for_each(consume_into(total.get()))));
    contest made{records, {}, {}, {}};
    made.weir = [graph, total, runner] {
        *total = {};
        weir::run(graph, runner);
        return *total;
    };
    const auto with = [&]<class Sum>(std::type_identity<Sum>) {
        if (grid.tumbling()) {
            return loop(input, [grid](auto consume) {
                return by_hand::tumbling<Sum, decltype(consume)>(grid.size, consume);
            });
        }
        return loop(input, [grid](auto consume) {
            return by_hand::sliding<Sum, decltype(consume)>(grid.size, grid.slide, consume);
        });
    };
    made.by_hand = with(std::type_identity<weir::exact_sum>{});
    made.plain = with(std::type_identity<by_hand::plain_sum>{});
    return made;
}

template <class Runner>
auto prepare(std::uint64_t cards, weir::window_grid grid, Runner runner) {
    return [=](std::size_t records) { return windows(records, cards, grid, runner); };
}

}  // namespace

void add_window_cases(std::vector<speed_case>& cases) {
    constexpr std::uint64_t few = 10'000;
    constexpr std::uint64_t many = 1'000'000;
    const auto all = weir::tumbling(24h * 365);
    const auto ten = weir::tumbling(10s);
    const auto slide = weir::sliding(10s, 1s);
    const weir::batch batch{};
    cases.push_back({"keyed_10k", "keyed aggregate, 10 k keys", 1.15, 4'000'000, prepare(few, all, batch)});
    cases.push_back({"keyed_1m", "keyed aggregate, 1 M keys", 1.15, 10'000'000, prepare(many, all, batch)});
    cases.push_back({"tumbling_10k", "tumbling 10 s, 10 k keys", 1.15, 4'000'000, prepare(few, ten, batch)});
    cases.push_back({"tumbling_1m", "tumbling 10 s, 1 M keys", 1.15, 15'000'000, prepare(many, ten, batch)});
    cases.push_back({"sliding_10k", "sliding 10 s / 1 s, 10 k keys", 1.2, 2'000'000, prepare(few, slide, batch)});
    cases.push_back({"one_by_one", "tumbling 10 s, 10 k keys, record by record", 1.5, 4'000'000,
                     prepare(few, ten, weir::event_loop{})});
}

}  // namespace speed

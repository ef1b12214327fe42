// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/window.hpp>

#include <weir/aggregates/count.hpp>
#include <weir/sinks/for_each.hpp>

#include "operators/window_check.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

TEST_CASE("windows, updates and late output, by a naive oracle", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 41U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const std::vector<weir::window_grid> grids{
        weir::tumbling(10ns),     weir::tumbling(7ns),     weir::sliding(10ns, 3ns),  weir::sliding(12ns, 4ns),
        weir::sliding(30ns, 7ns), weir::sliding(9ns, 6ns), weir::sliding(10ns, 10ns), weir::sliding(5ns, 1ns),
        weir::tumbling(10ns, 3ns), weir::tumbling(7ns, -1ns), weir::sliding(12ns, 4ns, 5ns),
        weir::sliding(9ns, 6ns, 2ns)};
    const std::vector<weir::duration> latenesses{0ns, 0ns, 4ns, 11ns, 30ns};
    const auto grid = grids[choose.below(grids.size())];
    const auto lateness = latenesses[choose.below(latenesses.size())];
    const auto bound = weir::duration{choose.below(10)};
    logs all = random_logs(seed, {.records = 80, .partitions = 1 + choose.below(3), .disorder = 10 + choose.below(25)});
    number_amounts(all);
    check_windows<gathered>(seed, all, bound, grid, lateness, choose.one_in(2));
}

TEST_CASE("a record that some of its windows refuse, between two partitions", "[operators]") {
    // Partition 0 is far ahead, so that its records are refused by early windows that partition 1 still fills.
    logs all{{make_reading(1, 50), make_reading(1, 41), make_reading(1, 52), make_reading(1, 44), make_reading(1, 60)},
             {make_reading(1, 40), make_reading(1, 41), make_reading(1, 43), make_reading(1, 44), make_reading(1, 45)}};
    number_amounts(all);
    for (const weir::duration lateness : {0ns, 1ns, 3ns}) {
        for (const bool with_late : {false, true}) {
            check_windows<gathered>(6, all, 5ns, weir::sliding(10ns, 3ns), lateness, with_late);
            check_windows<gathered>(6, all, 5ns, weir::sliding(10ns, 5ns), lateness, with_late);
        }
    }
}

TEST_CASE("a record at a border belongs to the later window, before the epoch, too", "[operators]") {
    logs all{{make_reading(1, -20), make_reading(1, -11), make_reading(1, -10), make_reading(1, -1), make_reading(1, 0),
              make_reading(1, 9), make_reading(1, 10)}};
    number_amounts(all);
    check_windows<gathered>(6, all, 0ns, weir::tumbling(10ns), 0ns, true);
    check_windows<gathered>(6, all, 0ns, weir::sliding(10ns, 5ns), 0ns, true);
    const auto sink = weir::collect<window_oracle::row>();
    const auto results = weir::memory(all[0]) | weir::event_time(&reading::at, weir::out_of_order(0ns)) |
                         weir::key_by(&reading::key) | weir::window(weir::tumbling(10ns)) | weir::aggregate(gathered{});
    const auto rows = weir::run(weir::graph("borders", results | weir::into(sink)), weir::batch{}).output(sink);
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].get<0>() == std::vector<std::int64_t>{0, 1});
    CHECK(rows[1].get<0>() == std::vector<std::int64_t>{2, 3});
    CHECK(rows[3].start == nanosecond(10));
}

TEST_CASE("a window accepts until its end plus the lateness is not above the watermark", "[operators]") {
    // With no bound the watermark is the largest time before: exactly 12, then 13.
    logs at_edge{{make_reading(1, 5), make_reading(1, 12), make_reading(1, 6)}};
    logs beyond{{make_reading(1, 5), make_reading(1, 13), make_reading(1, 6)}};
    number_amounts(at_edge);
    number_amounts(beyond);
    check_windows<gathered>(6, at_edge, 0ns, weir::tumbling(10ns), 3ns, true);
    check_windows<gathered>(6, beyond, 0ns, weir::tumbling(10ns), 3ns, true);
    CHECK(window_oracle(arrivals(at_edge, 0ns), {10ns, 10ns, 3ns, ""}, 0).updates == 1);
    CHECK(window_oracle(arrivals(beyond, 0ns), {10ns, 10ns, 3ns, ""}, 0).late.size() == 1);
}

TEST_CASE("windows that make no sense are refused", "[operators]") {
    require_refused([] { static_cast<void>(weir::window(weir::tumbling(0ns))); }, "a size and a slide above zero");
    require_refused([] { static_cast<void>(weir::window(weir::tumbling(-1ns))); }, "a size and a slide above zero");
    require_refused([] { static_cast<void>(weir::window(weir::sliding(10ns, 0ns))); }, "a size and a slide above zero");
    require_refused([] { static_cast<void>(weir::window(weir::sliding(10ns, 11ns))); }, "would lose records");
    require_refused([] { static_cast<void>(weir::window(weir::tumbling(1ns), weir::allowed_lateness(-1ns))); },
                    "allowed lateness is not negative");
    require_refused([] { static_cast<void>(weir::rolling(5ns, 0ns)); }, "every length is above zero");
    require_refused([] { static_cast<void>(weir::rolling(-5ns)); }, "every length is above zero");
}

TEST_CASE("a record whose windows reach beyond the ends of time is refused, not lost", "[operators]") {
    const auto at = GENERATE(weir::time_highest - weir::duration{2}, weir::time_highest - weir::duration{5},
                             weir::time_lowest + weir::duration{2}, weir::time_lowest + weir::duration{19},
                             weir::time_lowest + weir::duration{27});
    const auto grid = at == weir::time_lowest + weir::duration{27}
                          ? weir::sliding(15ns, 10ns, 9ns)
                          : GENERATE(weir::tumbling(10ns), weir::sliding(15ns, 10ns));
    reading far = make_reading(1, 0);
    far.at = at;
    const auto rows = weir::memory(readings{far}) |
                      weir::event_time(&reading::at, weir::out_of_order(weir::duration{0})) |
                      weir::key_by(&reading::key) | weir::window(grid) | weir::aggregate(weir::count());
    const weir::graph what("far", rows | weir::into(weir::for_each([](const auto&) {})));
    try {
        weir::run(what, weir::batch{});
        FAIL("not refused");
    } catch (const weir::error& refused) {
        CHECK(refused.kind() == weir::error_kind::input);
        CHECK(std::string(refused.what()).find("beyond the ends of time") != std::string::npos);
    }
}

// SPDX-License-Identifier: Apache-2.0
// Sliding windows of aggregates that can take back: a key with many panes has a running total, and a row on the line.
#include <weir/operators/window.hpp>

#include <weir/operators/pane_line.hpp>

#include "operators/window_check.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

TEST_CASE("sliding windows of few and of many panes, by a naive oracle", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 61U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const std::vector<weir::window_grid> grids{
        weir::sliding(10ns, 3ns),  weir::sliding(12ns, 4ns), weir::sliding(5ns, 1ns),  weir::sliding(40ns, 2ns),
        weir::sliding(21ns, 6ns),  weir::sliding(60ns, 1ns), weir::sliding(70ns, 1ns), weir::sliding(80ns, 10ns),
        weir::sliding(50ns, 35ns), weir::sliding(9ns, 9ns)};
    const auto grid = grids[choose.below(grids.size())];
    const auto bound = weir::duration{choose.below(10)};
    // Few keys, so that they have many panes; some come so late that windows refuse them, some lie far ahead.
    logs all = random_logs(seed, {.records = 150,
                                  .partitions = 1 + choose.below(3),
                                  .keys = 1 + choose.below(4),
                                  .step = 2 + choose.below(6),
                                  .disorder = 5 + choose.below(40)});
    for (readings& each : all) {
        if (choose.one_in(3)) {
            for (std::size_t i = choose.below(each.size()); i < each.size(); ++i) each[i].at += 5'000ns;
        }
        if (choose.one_in(3)) each[choose.below(each.size())].at += weir::duration{choose.below(200)};
    }
    number_amounts(all);
    check_windows<gathered_and_taken_back>(seed, all, bound, grid, 0ns, choose.one_in(2));
}

TEST_CASE("slots on the line of panes, by counting", "[operators]") {
    const auto [size, slide] = GENERATE(std::pair{10, 1}, std::pair{12, 4}, std::pair{60, 1}, std::pair{21, 6});
    const weir::window_grid grid{weir::duration{size}, weir::duration{slide}, {}, ""};
    const std::int64_t pane = grid.pane().count();
    weir::detail::pane_line line(grid);
    const std::int64_t capacity = line.capacity();
    REQUIRE(capacity >= size / pane + 4);
    CHECK(line.slot_of(weir::timestamp{}) == line.no_slot);
    CHECK(line.between(weir::time_lowest, weir::time_highest) == 0);
    weir::testing::seeded choose(static_cast<std::uint64_t>(size));
    std::int64_t begin = -100;  // in panes
    line.begin_with(weir::timestamp{weir::duration{begin * pane + size}});
    for (int step = 0; step < 300; ++step) {
        std::uint64_t all = 0;
        std::vector<std::uint32_t> in_order;
        const std::int64_t from = begin - 3 + static_cast<std::int64_t>(choose.below(70));
        const std::int64_t to = from - 3 + static_cast<std::int64_t>(choose.below(70));
        std::uint64_t between = 0;
        for (std::int64_t place = begin - 70; place < begin + 140; ++place) {
            const std::uint32_t slot = line.slot_of(weir::timestamp{weir::duration{place * pane}});
            REQUIRE((slot != line.no_slot) == (place >= begin && place < begin + capacity));
            if (slot == line.no_slot) continue;
            REQUIRE((all >> slot & 1U) == 0);
            all |= std::uint64_t{1} << slot;
            if (place >= from && place < to) between |= std::uint64_t{1} << slot;
            if (choose.one_in(2)) in_order.push_back(slot);
        }
        REQUIRE(line.between(weir::timestamp{weir::duration{from * pane}},
                             weir::timestamp{weir::duration{to * pane}}) == between);
        std::uint64_t occupied = 0;
        for (const std::uint32_t slot : in_order) occupied |= std::uint64_t{1} << slot;
        std::vector<std::uint32_t> seen;
        line.for_each(occupied, [&](std::uint32_t slot) { seen.push_back(slot); });
        REQUIRE(seen == in_order);
        begin += static_cast<std::int64_t>(choose.below(5));
        line.advance(weir::timestamp{weir::duration{begin * pane}});
        line.advance(weir::timestamp{weir::duration{(begin - 1) * pane}});  // never back
    }
}

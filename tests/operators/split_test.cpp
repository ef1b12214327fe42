// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/split.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

TEST_CASE("split puts each record in exactly one stream", "[operators]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    const logs all = random_logs(seed, {.partitions = 2, .disorder = 20});
    const auto source = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(9ns));
    const auto [on_time, late] = source | weir::split_late();
    const auto [even, odd] = on_time | weir::split([](const reading& each) { return each.amount % 2 == 0; });
    const auto evens = weir::collect_stamped<reading>();
    const auto odds = weir::collect_stamped<reading>();
    const auto lates = weir::collect_stamped<reading>();
    const weir::graph what("split", even | weir::into(evens), odd | weir::into(odds), late | weir::into(lates));
    const auto report = run_everywhere(what, seed, evens, odds, lates);
    if (seed == 1) restore_everywhere(what, report, evens, odds, lates);

    std::vector<weir::stamped<reading>> wanted[3];
    for (const auto& each : arrivals(all, 9ns)) {
        const bool is_late = each.at.time < each.at.watermark();
        wanted[is_late ? 2 : (each.record.amount % 2 == 0 ? 0 : 1)].push_back(each);
    }
    CHECK_FALSE(wanted[2].empty());
    REQUIRE(difference(wanted[0], report.output(evens)) == "");
    REQUIRE(difference(wanted[1], report.output(odds)) == "");
    REQUIRE(difference(wanted[2], report.output(lates)) == "");
}

// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/filter.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

TEST_CASE("filter keeps what its predicate says, and the ledger counts the rest", "[operators]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    const logs all = random_logs(seed, {.partitions = 2});
    const auto sink = weir::collect_stamped<reading>();
    const auto kept =
        weir::memory_partitions(all) | weir::filter([](const reading& each) { return each.key != 0; }) |
        weir::event_time(&reading::at, weir::out_of_order(5ns)) |
        weir::filter([](const reading& each, const weir::stamp_view& at) { return each.at >= at.watermark(); }) |
        weir::filter([](const reading& each) { return each.amount % 2 == 0; });
    const weir::graph what("filter", kept | weir::named("kept", weir::into(sink)));
    const auto report = run_everywhere(what, seed, sink);
    if (seed == 1) restore_everywhere(what, report, sink);

    // What is filtered before event_time is not part of the log whose watermark is computed, but keeps its offset.
    std::vector<weir::stamped<reading>> wanted;
    std::uint64_t timed = 0;
    for (std::size_t partition = 0; partition < all.size(); ++partition) {
        timestamp watermark = weir::time_lowest;
        for (std::size_t offset = 0; offset < all[partition].size(); ++offset) {
            const reading& each = all[partition][offset];
            if (each.key == 0) continue;
            ++timed;
            if (each.at >= watermark && each.amount % 2 == 0) {
                wanted.push_back({each, {each.at, {watermark, weir::lane::partition(partition), offset, {}}}});
            }
            watermark = std::max(watermark, each.at - 5ns);
        }
    }
    sort_by_turn(wanted);
    REQUIRE(difference(wanted, report.output(sink)) == "");
    CHECK(report.of("kept").in == timed);
    CHECK(report.of("kept").filtered == timed - wanted.size());
}

TEST_CASE("filter may drop everything", "[operators]") {
    const auto sink = weir::collect<reading>();
    const auto none = weir::memory(random_logs(1, {})[0]) | weir::filter([](const reading&) { return false; });
    const auto report = run_everywhere(weir::graph("none", none | weir::named("none", weir::into(sink))), 1);
    CHECK(report.output(sink).empty());
    CHECK(report.of("none") == weir::ledger{.in = 120, .filtered = 120});
}

// SPDX-License-Identifier: Apache-2.0
// What rolling aggregates write when only changes are asked for.
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/distinct.hpp>
#include <weir/aggregates/last.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/window.hpp>
#include <weir/sources/memory.hpp>

#include "operators/lone_stage.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

TEST_CASE("rolling writes the keys that have changed", "[operators]") {
    changes_seen seen;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        weir::testing::seeded choose(seed);
        // Few keys with long buffers, or many of which most go silent and leave.
        const std::uint64_t keys = seed % 3 == 0 ? 3 : 40;
        const std::uint64_t disorder = seed % 2 == 0 ? 14 : 1;
        const logs all = random_logs(
            seed, {.records = 250, .partitions = 1 + seed % 2, .keys = keys, .step = 9, .disorder = disorder});
        const auto steps = random_steps(arrivals(all, weir::duration{disorder - 1}), choose);
        const auto timed =
            weir::memory(readings{}) | weir::event_time(&reading::at, weir::out_of_order(weir::duration{14}));
        const auto by_number = timed | weir::key_by(&reading::key);
        const auto by_text = timed | weir::key_by(&reading::note);
        const auto number = [](const reading& each) { return each.key; };
        const auto text = [](const reading& each) { return each.note; };
        const auto amount_text = [](const reading& each) { return std::to_string(each.amount % 5) + each.note; };
        const auto some = check_of(by_number | weir::rolling(7ns, 150ns) |
                                       weir::aggregate(weir::count(), weir::sum(&reading::value),
                                                       weir::max(&reading::amount), weir::last(&reading::note)),
                                   number);
        const auto texts = check_of(by_text | weir::rolling(40ns) | weir::aggregate(weir::distinct(amount_text)), text);
        seen += check_changes(some, steps, choose);
        seen += check_changes(texts, steps, choose);
    }
    CHECK(seen.restores > 1000);
    CHECK(seen.entries_written * 2 < seen.entries_there);
}

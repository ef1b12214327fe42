// SPDX-License-Identifier: Apache-2.0
// What aggregates over windows write when only changes are asked for.
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/distinct.hpp>
#include <weir/aggregates/first.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/plain_sum.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/window.hpp>
#include <weir/sources/memory.hpp>

#include "operators/lone_stage.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

const auto number = [](const reading& each) { return each.key; };
const auto text = [](const reading& each) { return each.note; };

// A fire changes keys that no record has touched: it is done again to what was written before.
template <class Stream, class KeyOf> changes_check of_windows(const Stream& last, const KeyOf& key_of) {
    changes_check made = check_of(last, key_of);
    made.exact = false;
    return made;
}

template <class MakeChecks> changes_seen run_checks(std::uint64_t seeds, const MakeChecks& make) {
    changes_seen seen;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        CAPTURE(seed);
        weir::testing::seeded choose(seed);
        const std::uint64_t keys = seed % 3 == 0 ? 3 : 40;
        const std::uint64_t disorder = seed % 2 == 0 ? 14 : 4;
        const logs all = random_logs(
            seed, {.records = 250, .partitions = 1 + seed % 2, .keys = keys, .step = 7, .disorder = disorder});
        // A smaller bound than the disorder: some records come late, to some of their windows or to all.
        const auto steps = random_steps(arrivals(all, weir::duration{disorder - 3}), choose);
        const auto timed =
            weir::memory(readings{}) | weir::event_time(&reading::at, weir::out_of_order(weir::duration{14}));
        const auto by_number = timed | weir::key_by(&reading::key);
        const auto by_text = timed | weir::key_by(&reading::note);
        for (const changes_check& each : make(by_number, by_text)) seen += check_changes(each, steps, choose);
    }
    return seen;
}

}  // namespace

TEST_CASE("tumbling windows write the keys that records have touched", "[operators]") {
    const auto seen = run_checks(150, [](const auto& by_number, const auto& by_text) {
        const auto amount_text = [](const reading& each) { return std::to_string(each.amount % 5) + each.note; };
        return std::vector{
            of_windows(by_number | weir::window(weir::tumbling(30ns)) |
                           weir::aggregate(weir::count(), weir::sum(&reading::value), weir::first(&reading::note)),
                       number),
            of_windows(by_number | weir::window(weir::tumbling(30ns), weir::allowed_lateness{20ns}) |
                           weir::aggregate(weir::count(), weir::sum(&reading::value)),
                       number),
            of_windows(by_number | weir::window(weir::tumbling(30ns)) |
                           weir::aggregate(weir::plain_sum(&reading::value)),
                       number),
            of_windows(by_text | weir::window(weir::tumbling(30ns)) | weir::aggregate(weir::distinct(amount_text)),
                       text)};
    });
    CHECK(seen.restores > 1000);
    CHECK(seen.entries_written < seen.entries_there);
}

TEST_CASE("sliding windows write the keys that records have touched", "[operators]") {
    const auto seen = run_checks(150, [](const auto& by_number, const auto& by_text) {
        const auto fifth = [](const reading& each) { return each.amount % 5; };
        return std::vector{
            of_windows(by_number | weir::window(weir::sliding(35ns, 5ns)) |
                           weir::aggregate(weir::count(), weir::sum(&reading::value), weir::distinct(fifth)),
                       number),
            of_windows(by_text | weir::window(weir::sliding(35ns, 10ns)) |
                           weir::aggregate(weir::max(&reading::value), weir::count()),
                       text),
            of_windows(by_number | weir::window(weir::sliding(33ns, 10ns), weir::allowed_lateness{20ns}) |
                           weir::aggregate(weir::count(), weir::sum(&reading::value)),
                       number)};
    });
    CHECK(seen.restores > 1000);
    CHECK(seen.entries_written < seen.entries_there);
}

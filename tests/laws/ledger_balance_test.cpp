// SPDX-License-Identifier: Apache-2.0
// The ledger: every record of every stage is counted once, and every edge delivers what it was given. Random graphs
// check it in mode_equality_test; here every way in which a record can leave a stage is counted by hand.
#include <weir/testing/verify.hpp>

#include <catch2/catch.hpp>
#include <weir/aggregates/count.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/window.hpp>
#include <weir/record/describe.hpp>
#include <weir/sources/memory.hpp>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::testing;

namespace ledger_test {
struct reading {
    std::uint32_t key = 0;
    timestamp at{};
};
BOOST_DESCRIBE_STRUCT(reading, (), (key, at))
struct total {
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(total, (), (count))
}  // namespace ledger_test
using namespace ledger_test;

namespace {

std::vector<reading> readings() {
    // In order: on time, on time, late by one tick, far ahead, late for every window.
    return {{1, since_epoch(10s)},
            {2, since_epoch(20s)},
            {1, since_epoch(15s) - one_tick},
            {3, since_epoch(60s)},
            {2, since_epoch(5s)}};
}

// Two copies of key 1, none of key 3, one of every other.
std::vector<reading> copies(const reading& each) {
    if (each.key == 3) return {};
    return std::vector<reading>(each.key == 1 ? 2 : 1, each);
}

ledger counted(std::uint64_t in, std::uint64_t accepted, std::uint64_t filtered, std::uint64_t late,
               std::uint64_t results, std::uint64_t updates = 0) {
    return {in, accepted, filtered, late, 0, 0, results, updates};
}

run_report run_in(const graph& what, configuration how) {
    auto report = run_configured(what, how);
    CHECK(report.balanced());
    for (const stage_report& each : report.stages) CHECK(each.counts.held == 0);
    return report;
}

}  // namespace

TEST_CASE("every stage counts each record once, in every run", "[laws]") {
    const auto timed = memory(readings()) | event_time(&reading::at, out_of_order(5s));
    const auto kept =
        timed | filter([](const reading& each) { return each.at != since_epoch(20s); }) | flat_map(copies);
    const auto totals = named("totals", process<total>([](auto&, const reading& each, total& state) {
                                  ++state.count;
                                  return each;
                              }));
    const auto windows = named("windows", aggregate(count()));
    const auto all = kept | key_by(&reading::key) | totals;
    const auto rows = timed | key_by(&reading::key) | window(tumbling(30s), allowed_lateness{10s}) | windows;
    const auto pairs = join_by_origin(timed, all);
    const graph what("ledger", all | into(collect<reading>()), late(all) | into(collect<reading>()),
                     rows | into(collect<windowed<std::uint32_t, std::uint64_t>>()),
                     pairs | into(collect<joined<reading, reading>>()));
    for (const configuration& how : all_configurations({1, 3, 1024}, {1, 2, 4}, 5)) {
        INFO(how.text());
        const run_report report = run_in(what, how);
        CHECK(report.records == 5);
        // 10 s twice; 20 s filtered; 15 s - 1 twice and late; 60 s made into nothing; 5 s late.
        CHECK(report.of("totals") == counted(7, 2, 2, 3, 2));
        // 10, 20, 15 - 1 and 60 are in time; 5 s comes at watermark 55 s, the end of [0, 30) + 10 s is 40 s.
        CHECK(report.of("windows") == counted(5, 4, 0, 1, 3));
        for (const stage_report& each : report.stages) {
            // Origins of flat_map's copies are their own: nothing pairs.
            if (each.kind == "join_by_origin") CHECK(each.counts == counted(7, 0, 7, 0, 0));
            if (each.kind == "event_time") CHECK(each.counts == counted(5, 5, 0, 0, 5));
        }
    }
}

TEST_CASE("a run that stops where there is nothing to read holds what it has not judged, and still balances",
          "[laws]") {
    const std::vector<std::vector<reading>> logs{{{1, since_epoch(10s)}, {1, since_epoch(90s)}},
                                                 {{1, since_epoch(20s)}}};
    const auto timed = memory_partitions(logs) | event_time(&reading::at, out_of_order(0s));
    const auto same = timed | key_by(&reading::key) |
                      named("same", process<total>([](auto&, const reading& each, total&) { return each; }));
    simulation where;
    const run_report report = run(graph("stopped", same | into(collect<reading>())), available_now{}, where);
    CHECK_FALSE(report.reached_end);
    CHECK(report.balanced());
    const ledger counts = report.of("same");
    CHECK(counts.in == 3);
    CHECK(counts.accepted + counts.held == 3);
}

// SPDX-License-Identifier: Apache-2.0
// The reference executor against orders worked out by hand, turn by turn.
#include <weir/testing/reference.hpp>

#include <catch2/catch.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/record/describe.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sources/memory.hpp>
#include <weir/testing/comparison.hpp>
#include <weir/testing/simulation.hpp>

using namespace weir;
using namespace weir::testing;

namespace reference_test {
struct reading {
    std::uint32_t key = 0;
    timestamp at{};
};
BOOST_DESCRIBE_STRUCT(reading, (), (key, at))
struct memory_of_key {
    std::int64_t seen = 0;
};
BOOST_DESCRIBE_STRUCT(memory_of_key, (), (seen))
}  // namespace reference_test
using namespace reference_test;

namespace {

constexpr timestamp tick(std::int64_t count) { return timestamp{duration{count}}; }

std::vector<std::string> lines_of(const std::vector<stamped<std::int64_t>>& items) {
    std::vector<std::string> lines;
    for (const auto& each : items) lines.push_back(std::to_string(each.record) + " " + describe(each.at));
    return lines;
}

}  // namespace

TEST_CASE("the reference run takes records by turn, and what is due in between", "[testing]") {
    // Watermarks are the largest time before, minus 2: partition 0 has -inf, 8; partition 1 has -inf, 3, 7.
    const std::vector<std::vector<reading>> logs{{{1, tick(10)}, {1, tick(20)}},
                                                 {{1, tick(5)}, {1, tick(9)}, {1, tick(6)}}};
    const auto timed = memory_partitions(logs) | event_time(&reading::at, out_of_order(duration{2}));
    const auto results =
        timed | key_by(&reading::key) |
        process<memory_of_key, std::int64_t>(
            [](auto& context, const reading& each, memory_of_key& state) {
                ++state.seen;
                context.set_timer(each.at);
                context.emit(each.at.time_since_epoch().count());
            },
            [](auto& context, const std::uint32_t&, memory_of_key& state) { context.emit(-state.seen); });
    const auto sink = collect_stamped<std::int64_t>();
    const auto refused = collect_stamped<reading>();
    const graph what("by hand", results | into(sink), late(results) | into(refused));
    simulation where;
    const run_report report = reference_run(what, where);
    const std::string key = std::to_string(stable_hash(std::uint32_t{1}));
    CHECK(lines_of(report.output(sink)) ==
          std::vector<std::string>{
              "10 time 10 turn (-inf, partition 0, 0 stage 2/0)",
              "5 time 5 turn (-inf, partition 1, 0 stage 2/0)",
              "9 time 9 turn (3, partition 1, 1 stage 2/0)",
              // The timer of 5 is due before the record of watermark 7, the first above it, which is late.
              "-3 time 5 turn (5, stage 2, " + key + " 0)",
              "20 time 20 turn (8, partition 0, 1 stage 2/0)",
              "-4 time 9 turn (9, stage 2, " + key + " 0)",
              "-4 time 10 turn (10, stage 2, " + key + " 0)",
              "-4 time 20 turn (20, stage 2, " + key + " 0)",
          });
    REQUIRE(report.output(refused).size() == 1);
    CHECK(report.output(refused)[0].at == stamp{tick(6), {tick(7), lane::partition(1), 2, {}}});
    CHECK(report.balanced());
    CHECK(report.records == 5);
    CHECK(report.stages.at(2).counts == ledger{5, 4, 0, 1, 0, 0, 8, 0});
}

TEST_CASE("the reference run orders merged streams by turn, then by the merge's input", "[testing]") {
    const auto left = memory(std::vector<std::int64_t>{1, 2});
    const auto right = memory(std::vector<std::int64_t>{10, 20});
    const auto sink = collect<std::int64_t>();
    simulation where;
    const run_report report = reference_run(graph("merged", merge(right, left, left) | into(sink)), where);
    CHECK(report.output(sink) == std::vector<std::int64_t>{10, 20, 1, 1, 2, 2});
}

// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/merge.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/map.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

TEST_CASE("merge numbers its inputs and orders by turn", "[operators]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    const logs left = random_logs(seed, {.partitions = 2});
    const logs right = random_logs(seed + 100, {.records = 50});
    const auto sink = weir::collect_stamped<reading>();
    const auto timed = [](auto source, weir::duration bound) {
        return source | weir::event_time(&reading::at, weir::out_of_order(bound));
    };
    const auto all = weir::merge(
        timed(weir::memory_partitions(left), 5ns),
        timed(weir::memory(right[0]), 9ns) | weir::filter([](const reading& each) { return each.key != 0; }),
        timed(weir::memory(readings{}), 0ns));
    const weir::graph what("merge", all | weir::into(sink));
    const auto report = run_everywhere(what, seed, sink);

    // Partitions are numbered through the whole graph: 0 and 1 on the left, 2 on the right.
    std::vector<weir::stamped<reading>> wanted = arrivals(left, 5ns);
    const auto place = static_cast<std::uint32_t>(what.number_of(all.from().get()));
    for (auto& each : wanted) each.at.at.tail.push_back(weir::tail_word::input_of(place, 0));
    for (auto& each : arrivals(right, 9ns)) {
        if (each.record.key == 0) continue;
        each.at.at.from = weir::lane::partition(2);
        each.at.at.tail.push_back(weir::tail_word::input_of(place, 1));
        wanted.push_back(each);
    }
    sort_by_turn(wanted);
    REQUIRE(difference(wanted, report.output(sink)) == "");
    if (seed == 2) restore_everywhere(what, report, sink);
}

TEST_CASE("a diamond gives each record twice, side by side", "[operators]") {
    const std::uint64_t seed = GENERATE(1U, 2U);
    CAPTURE(seed);
    const logs all = random_logs(seed, {.partitions = 2});
    const auto sink = weir::collect_stamped<std::int64_t>();
    const auto source = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(5ns));
    const auto merged = weir::merge(source | weir::map(&reading::amount),
                                    source | weir::map([](const reading& each) { return -each.amount; }));
    const weir::graph what("diamond", merged | weir::into(sink));
    const auto report = run_everywhere(what, seed, sink);
    const auto place = static_cast<std::uint32_t>(what.number_of(merged.from().get()));
    std::vector<weir::stamped<std::int64_t>> wanted;
    for (const auto& each : arrivals(all, 5ns)) {
        for (const std::uint32_t side : {0U, 1U}) {
            wanted.push_back({side == 0 ? each.record.amount : -each.record.amount, each.at});
            wanted.back().at.at.tail.push_back(weir::tail_word::input_of(place, side));
        }
    }
    REQUIRE(difference(wanted, report.output(sink)) == "");
}

TEST_CASE("logs without time merge partition by partition", "[operators]") {
    const auto sink = weir::collect_stamped<int>();
    const auto merged = weir::merge(weir::memory(std::vector{1, 2, 3}), weir::memory(std::vector{4, 5}));
    const auto report = run_everywhere(weir::graph("plain", merged | weir::into(sink)), 1, sink);
    std::vector<int> values;
    for (const auto& each : report.output(sink)) values.push_back(each.record);
    CHECK(values == std::vector{1, 2, 3, 4, 5});
}

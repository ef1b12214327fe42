// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/sort_by_time.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/merge.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

TEST_CASE("sort_by_time sorts what is on time by time and turn", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 10U));
    CAPTURE(seed);
    const logs all = random_logs(seed, {.records = seed == 9 ? 0U : 100U, .partitions = 1 + seed % 3});
    const auto sorted = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(9ns)) |
                        weir::named("sorted", weir::sort_by_time());
    const auto sink = weir::collect_stamped<reading>();
    const auto late = weir::collect_stamped<reading>();
    const weir::graph what("sort", sorted | weir::into(sink), weir::late(sorted) | weir::into(late));
    const std::size_t stage = what.number_of(sorted.from().get());

    std::vector<weir::stamped<reading>> wanted, wanted_late;
    for (const auto& each : arrivals(all, 9ns)) {
        (each.at.time < each.at.watermark() ? wanted_late : wanted).push_back(each);
    }
    std::sort(wanted.begin(), wanted.end(), [](const auto& left, const auto& right) {
        return left.at.time != right.at.time ? left.at.time < right.at.time : left.at.at < right.at.at;
    });
    std::uint64_t sequence = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        sequence = i != 0 && wanted[i - 1].at.time == wanted[i].at.time ? sequence + 1 : 0;
        wanted[i].at = triggered(wanted[i].at.time, stage, 0, sequence);
    }
    const auto report = run_everywhere(what, seed, sink, late);
    REQUIRE(difference(wanted, report.output(sink)) == "");
    REQUIRE(difference(wanted_late, report.output(late)) == "");
    CHECK(report.of("sorted").late == wanted_late.size());
    if (seed % 4 == 1) restore_everywhere(what, report, sink, late);
    // Nobody listens to what is late: the stage takes records as they come, and gives the same.
    const weir::graph alone("alone", sorted | weir::into(sink));
    REQUIRE(difference(wanted, run_everywhere(alone, seed, sink).output(sink)) == "");
}

TEST_CASE("what was sorted is never late at a sort behind it", "[operators]") {
    const std::uint64_t seed = GENERATE(1U, 2U);
    CAPTURE(seed);
    const logs all = random_logs(seed, {.records = 60, .partitions = 2});
    const auto sorted =
        weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(9ns)) | weir::sort_by_time();
    const auto again = weir::merge(sorted, sorted) | weir::named("again", weir::sort_by_time());
    const auto sink = weir::collect_stamped<reading>();
    const auto report = run_everywhere(weir::graph("twice", again | weir::into(sink)), seed, sink);
    CHECK(report.of("again").late == 0);
    const auto& items = report.output(sink);
    CHECK(std::is_sorted(items.begin(), items.end(),
                         [](const auto& left, const auto& right) { return left.record.at < right.record.at; }));
}

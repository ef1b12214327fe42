// SPDX-License-Identifier: Apache-2.0
#include <weir/runtime/report.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

TEST_CASE("a report counts every record of every stage", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    CAPTURE(threads);
    const auto source =
        weir::memory(readings{make_reading(1, 10), make_reading(2, 30), make_reading(1, 5), make_reading(1, 40)});
    const auto sorted = source | weir::event_time(&reading::at, weir::out_of_order(5ns)) |
                        weir::filter([](const reading& each) { return each.key == 1; }) |
                        weir::named("sorted", weir::sort_by_time());
    const auto sink = weir::collect<reading>();
    const auto report =
        weir::run(weir::graph("report", sorted | weir::into(sink)), weir::batch{.threads = threads, .chunk = 2});
    REQUIRE(report.stages.size() == 4);
    CHECK(report.stages[0].kind == "memory");
    CHECK(report.stages[3].kind == "collect");
    CHECK(report.of("sorted") == weir::ledger{.in = 4, .accepted = 2, .filtered = 1, .late = 1, .results = 2});
    CHECK(report.records == 4);
    CHECK(report.reached_end);
    CHECK(report.balanced());
    REQUIRE(report.edges.size() == 3);
    CHECK(report.edges[0].emitted == 4);
    CHECK(report.edges[0].received == 4);
    CHECK(report.edges[2].received == 2);
    require_refused([&] { static_cast<void>(report.of("absent")); }, "no stage is named 'absent'");

    const std::string text = report.to_text();
    for (const std::string part : {"#0 memory", "#1 event_time", "#2 sort_by_time sorted", "#3 collect", "4 records in",
                                   "ledger balanced", "filtered", "held"}) {
        CAPTURE(text, part);
        CHECK(text.find(part) != std::string::npos);
    }
}

TEST_CASE("a ledger or an edge that does not add up is seen", "[runtime]") {
    weir::run_report report;
    CHECK(report.balanced());
    CHECK(report.records_per_second() == 0.0);
    report.stages.push_back({0, "memory", "", {.in = 3, .accepted = 2}});
    CHECK_FALSE(report.balanced());
    CHECK(report.to_text().find("NOT BALANCED") != std::string::npos);
    report.stages[0].counts.held = 1;
    CHECK(report.balanced());
    report.edges.push_back({0, 0, 1, 5, 4});
    CHECK_FALSE(report.balanced());
    report.records = 10;
    report.elapsed = 2s;
    CHECK(report.records_per_second() == 5.0);
}

TEST_CASE("ledgers are added up", "[runtime]") {
    const weir::ledger one{1, 2, 3, 4, 5, 6, 7, 8};
    weir::ledger sum = one;
    sum += one;
    CHECK(sum == weir::ledger{2, 4, 6, 8, 10, 12, 14, 16});
    CHECK(weir::ledger{.in = 15, .accepted = 1, .filtered = 2, .late = 3, .dead_letter = 4, .held = 5}.balanced());
    CHECK_FALSE(one.balanced());
}

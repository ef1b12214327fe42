// SPDX-License-Identifier: Apache-2.0
#include <weir/runtime/report.hpp>

#include <boost/json.hpp>
#include <set>
#include <sstream>
#include <weir/flow/budget.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/memory.hpp>
#include <weir/sources/push.hpp>

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

namespace {

struct nothing {};

weir::run_report report_of_everything(weir::testing::simulation& where) {
    readings records;
    for (int i = 0; i < 300; ++i) records.push_back(make_reading(static_cast<std::uint32_t>(i % 2), 1000 + i));
    const auto stream = weir::memory(records) | weir::event_time(&reading::at, weir::out_of_order(5ns)) |
                        weir::key_by([](const reading& each) {
                            return each.key == 0 ? "a \"\xff\\\n" + each.note : each.note;
                        }) |
                        weir::named("slow \"one\"", weir::process<nothing>([](auto&, const reading& each, nothing&) {
                                        return each.amount;
                                    }),
                                    weir::budget(1ns));
    return weir::run(weir::graph("all", stream | weir::into(weir::for_each([](std::int64_t) {}))),
                     weir::event_loop{.tuning = {.measure = true}}, where);
}

}  // namespace

TEST_CASE("a report as JSON says what the report says", "[runtime]") {
    weir::testing::simulation where;
    const auto report = report_of_everything(where);
    const std::string text = report.to_json();
    CAPTURE(text);
    const boost::json::object all = boost::json::parse(text).as_object();
    CHECK(all.at("graph") == "all");
    CHECK(all.at("records") == 300);
    CHECK(all.at("reached_end") == true);
    CHECK(all.at("watermark").is_null());
    CHECK_FALSE(all.contains("watermark_lag_ns"));
    const auto& stages = all.at("stages").as_array();
    REQUIRE(stages.size() == report.stages.size());
    const auto& slow = stages[2].as_object();
    CHECK(slow.at("name") == "slow \"one\"");
    CHECK(slow.at("ledger").as_object().at("accepted") == 300);
    CHECK(slow.at("state").as_object().at("keys") == 2);
    CHECK(slow.at("latency").as_object().at("count") == 300);
    CHECK(slow.at("latency").as_object().at("p99_ns") == report.stages[2].latency->p99.count());
    CHECK(slow.at("budget_ns") == 1);
    CHECK(slow.at("misses") == 300);
    const auto& hottest = slow.at("hottest").as_array();
    REQUIRE(hottest.size() == 2);
    for (const auto& each : hottest) {
        const auto& key = each.as_object().at("key").as_string();
        const bool known = key == "a note on key number 1" || key.starts_with("a \"\xef\xbf\xbd\\\na note");
        CHECK(known);
    }
    CHECK_FALSE(stages[0].as_object().contains("latency"));
    const auto& log = all.at("logs").as_array().at(0).as_object();
    CHECK(log.at("offset") == 300);
    CHECK(log.at("ended") == true);
    CHECK(log.at("latency").as_object().at("count") == 300);
    CHECK(all.at("edges").as_array().size() == report.edges.size());
    // An empty report is JSON, too.
    CHECK_NOTHROW(boost::json::parse(weir::run_report{}.to_json()));
}

TEST_CASE("a report for Prometheus has its form", "[runtime]") {
    weir::testing::simulation where;
    const std::string text = report_of_everything(where).to_prometheus();
    CAPTURE(text);
    // Every sample belongs to the metric that was declared last, and none is declared twice.
    std::set<std::string> declared;
    std::set<std::string> samples;
    std::string name;
    std::string type;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        std::istringstream words(line);
        std::string first, second, third, fourth;
        words >> first >> second >> third >> fourth;
        if (first == "#" && second == "HELP") continue;
        if (first == "#") {
            REQUIRE(second == "TYPE");
            name = third;
            type = fourth;
            CHECK(declared.insert(name).second);
            CHECK((type == "counter" || type == "gauge" || type == "summary"));
            CHECK(name.starts_with("weir_"));
            continue;
        }
        const auto brace = line.find('{');
        const auto end = line.rfind("} ");
        REQUIRE((brace != std::string::npos && end != std::string::npos));
        std::string of = line.substr(0, brace);
        if (type == "summary" && of.ends_with("_sum")) of.resize(of.size() - 4);
        if (type == "summary" && of.ends_with("_count")) of.resize(of.size() - 6);
        CHECK(of == name);
        CHECK(samples.insert(line.substr(0, end)).second);
        std::size_t used = 0;
        static_cast<void>(std::stod(line.substr(end + 2), &used));
        CHECK(used == line.size() - end - 2);
    }
    for (const std::string part :
         {"weir_records_total{graph=\"all\"} 300\n", "name=\"slow \\\"one\\\"\",outcome=\"accepted\"} 300\n",
          "weir_stage_budget_misses_total{graph=\"all\",stage=\"2\"", "quantile=\"0.999\"} ",
          "weir_stage_latency_seconds_count{graph=\"all\",stage=\"2\"", "key=\"a note on key number 1\"} ",
          "key=\"a \\\"\xef\xbf\xbd\\\\\\na note",
          "weir_log_offset{graph=\"all\",stage=\"0\",partition=\"0\"} 300\n"}) {
        CAPTURE(part);
        CHECK(text.find(part) != std::string::npos);
    }
}

TEST_CASE("the watermark lags behind the time of day", "[runtime]") {
    weir::run_report report;
    CHECK_FALSE(report.watermark_lag());
    report.taken_at = nanosecond(5000);
    report.watermark = nanosecond(2000);
    CHECK(report.watermark_lag() == 3000ns);
    CHECK(report.to_json().find("\"watermark_lag_ns\":3000") != std::string::npos);
    CHECK(report.to_prometheus().find("weir_watermark_lag_seconds{graph=\"\"} 3e-06\n") != std::string::npos);
    report.watermark = weir::time_highest;
    CHECK_FALSE(report.watermark_lag());
}

TEST_CASE("a log without event time does not hide the watermark of the others", "[runtime]") {
    weir::testing::simulation where;
    const auto timed = weir::pushed<reading>();
    const auto timeless = weir::pushed<reading>();
    const auto ignored = [] { return weir::into(weir::for_each([](const reading&) {})); };
    auto engine = weir::start_polled(
        weir::graph("two", timed | weir::event_time(&reading::at, weir::out_of_order(5ns)) | ignored(),
                    timeless | ignored()),
        weir::event_loop{}, where);
    CHECK(engine.report().watermark == weir::time_lowest);
    REQUIRE(engine.push(timed, make_reading(1, 100)));
    REQUIRE(engine.push(timeless, make_reading(1, 7)));
    while (engine.poll()) {
    }
    CHECK(engine.report().watermark == nanosecond(95));
    CHECK(engine.report().watermark_lag());
}

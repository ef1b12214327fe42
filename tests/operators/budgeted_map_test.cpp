// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/budgeted_map.hpp>

#include <weir/flow/explain.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

// Takes so long, in virtual time.
void work_for(weir::environment& where, std::chrono::nanoseconds time) {
    const auto begin = where.ticks();
    while (where.ticks() - begin < time) {
    }
}

auto timed(const readings& records) {
    return weir::memory(records) | weir::event_time(&reading::at, weir::out_of_order(5ns));
}

readings some(std::size_t count) {
    readings made;
    for (std::size_t i = 0; i < count; ++i) made.push_back(make_reading(1, static_cast<std::int64_t>(i), 1));
    return made;
}

}  // namespace

TEST_CASE("a map with a budget gives what the map gives, in every run", "[operators]") {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const auto all = random_logs(seed, {.records = 90, .partitions = 1 + seed % 3});
        const auto twice = [](const reading& each) {
            reading made = each;
            made.amount *= 2;
            return made;
        };
        const auto score = weir::named("score", weir::map(twice), weir::budget(1h));
        const auto sink = weir::collect_stamped<reading>();
        const auto with = [&](auto step) {
            return weir::graph("budget", weir::memory_partitions(all) |
                                             weir::event_time(&reading::at, weir::out_of_order(9ns)) |
                                             weir::filter([](const reading& each) { return each.amount != 3; }) |
                                             step | weir::sort_by_time() | weir::into(sink));
        };
        weir::testing::simulation where(seed);
        const auto plain = weir::testing::reference_run(with(weir::map(twice)), where);
        const auto got = run_everywhere(with(score), seed, sink);
        // Its turns are those of the map: it numbers nothing. The stages behind it have other numbers.
        const auto values = [&](const weir::run_report& of) {
            readings made;
            for (const auto& each : of.output(sink)) made.push_back(each.record);
            return made;
        };
        CHECK(values(got) == values(plain));
        const auto measured = weir::run(with(score), weir::micro_batch{.max_records = 7, .threads = 2}, where);
        CHECK(measured.stage("score").latency->count == measured.of("score").accepted);
        CHECK(measured.stage("score").misses == 0);
        CHECK(measured.stage("score").budget == 1h);
        restore_everywhere(with(score), got, sink);
    }
}

TEST_CASE("misses are counted and nothing else happens", "[operators]") {
    weir::testing::simulation where;
    const auto sink = weir::collect<std::int64_t>();
    const auto slow = [&where](const reading& each) {
        work_for(where, each.at.time_since_epoch().count() % 3 == 0 ? 20us : 1us);
        return each.amount;
    };
    const weir::graph what("misses", timed(some(9)) | weir::named("score", weir::map(slow), weir::budget(10us)) |
                                         weir::into(sink));
    const auto report = weir::run(what, weir::event_loop{}, where);
    CHECK(report.output(sink).size() == 9);
    CHECK(report.stage("score").misses == 3);
    CHECK(report.stage("score").latency->count == 9);
    CHECK(report.stage("score").latency->max >= 20us);
    CHECK(report.stage("score").latency->p50 < 2us);
    CHECK(report.to_text().find("3 of 9 over the budget of 10us") != std::string::npos);
    CHECK(weir::explain(what).find("non-deterministic points: none") != std::string::npos);
    CHECK(weir::explain(what).find("budget 10us") != std::string::npos);
}

TEST_CASE("a map that is too slow degrades to its fallback, and is tried again", "[operators]") {
    weir::testing::simulation where;
    const auto sink = weir::collect<std::string>();
    int calls = 0;
    const auto model = [&](const reading& each) {
        ++calls;
        work_for(where, each.amount == 9 ? 50us : 1us);
        return std::string("model");
    };
    const auto rules = [&](const reading&) {
        work_for(where, 10us);
        return std::string("rules");
    };
    readings records = some(20);
    records[3].amount = 9;
    const weir::graph what("degrade",
                           timed(records) |
                               weir::named("score", weir::map(model), weir::budget(30us, weir::degrade(rules, 45us))) |
                               weir::into(sink));
    const auto report = weir::run(what, weir::event_loop{}, where);
    std::vector<std::string> wanted(20, "model");
    const auto& got = report.output(sink);
    REQUIRE(got.size() == 20);
    CHECK(std::vector<std::string>(got.begin(), got.begin() + 3) == std::vector<std::string>(3, "model"));
    CHECK(got[3] == "rules");  // its own result came too late
    const auto fallbacks = static_cast<std::uint64_t>(std::count(got.begin(), got.end(), "rules"));
    // 45 us of 10 us each, the first of them the missed one's own.
    CHECK(fallbacks >= 4);
    CHECK(fallbacks <= 6);
    CHECK(got.back() == "model");
    CHECK(std::is_partitioned(got.begin() + 3, got.end(), [](const auto& each) { return each == "rules"; }));
    CHECK(static_cast<std::uint64_t>(calls) == 20 - (fallbacks - 1));
    CHECK(report.noted("results by the fallback") == fallbacks);
    CHECK(report.stage("score").misses == 1);
    CHECK(report.of("score").accepted == 20);
    CHECK(report.balanced());
    CHECK(weir::explain(what).find("the function's or the fallback's depends on how long") != std::string::npos);
}

TEST_CASE("a map that is never tried again has only its fallback", "[operators]") {
    weir::testing::simulation where;
    const auto sink = weir::collect<int>();
    const auto slow = [&where](const reading&) {
        work_for(where, 50us);
        return 1;
    };
    const auto fallback = [](const reading&) { return 2; };
    const auto for_ever = weir::degrade(fallback, std::chrono::nanoseconds::max());
    const weir::graph what("never again", timed(some(7)) |
                                              weir::named("score", weir::map(slow), weir::budget(10us, for_ever)) |
                                              weir::into(sink));
    const auto report = weir::run(what, weir::event_loop{}, where);
    CHECK(report.output(sink) == std::vector<int>(7, 2));
    CHECK(report.stage("score").latency->count == 1);
}

TEST_CASE("a record whose result took too long goes to the dead-letter sink", "[operators]") {
    const unsigned threads = GENERATE(1U, 2U);
    weir::testing::simulation where;
    const auto sink = weir::collect<std::int64_t>();
    const auto letters = weir::collect<weir::bad_record>();
    const auto slow = [&where](const reading& each) {
        work_for(where, each.amount == 9 ? 50us : 1us);
        return each.amount;
    };
    readings records = some(6);
    records[2].amount = records[5].amount = 9;
    const weir::graph what(
        "letters", timed(records) |
                       weir::named("score", weir::map(slow), weir::budget(30us, weir::dead_letter(letters))) |
                       weir::into(sink));
    const auto report = weir::run(what, weir::event_loop{.threads = threads}, where);
    CHECK(report.output(sink) == std::vector<std::int64_t>(4, 1));
    const auto& found = report.output(letters);
    REQUIRE(found.size() == 2);
    CHECK(found[0].source == "score");
    CHECK(found[0].raw == weir::to_text(records[2]));
    CHECK(found[0].reason.find("which is over its budget of 30us") != std::string::npos);
    CHECK(found[0].reason.find("took 5") == 0);
    CHECK(report.of("score").dead_letter == 2);
    CHECK(report.of("score").accepted == 4);
    CHECK(report.balanced());
    CHECK(weir::explain(what).find("whether there is a result depends on how long") != std::string::npos);
}

TEST_CASE("stages have budgets, too", "[operators]") {
    struct nothing {};
    weir::testing::simulation where;
    const auto sink = weir::collect<std::int64_t>();
    const auto left = timed(some(8));
    const weir::graph what(
        "stages",
        weir::named("both", weir::merge(left, timed(some(2))), weir::budget(1h)) | weir::key_by(&reading::key) |
            weir::named("slow", weir::process<nothing>([&where](auto&, const reading& each, nothing&) {
                            work_for(where, 30us);
                            return each.amount;
                        }),
                        weir::budget(20us)) |
            weir::named("out", weir::into(sink), weir::budget(1h)));
    const auto report = weir::run(what, weir::event_loop{}, where);
    CHECK(report.stage("slow").misses == report.of("slow").in);
    CHECK(report.stage("slow").latency->p50 >= 30us);
    CHECK(report.stage("out").misses == 0);
    CHECK(report.stage("out").latency->count == 10);
    CHECK(report.stage("both").latency->count == 10);
    // What is behind a stage is not its own work.
    CHECK(report.stage("both").latency->max < 20us);
    CHECK_FALSE(report.stages[0].latency);
    CHECK(report.stage("slow").hottest.size() == 1);
    CHECK(report.stage("slow").hottest[0].key == "1");
}

TEST_CASE("a budget that makes no sense is refused", "[operators]") {
    require_refused([] { static_cast<void>(weir::budget(0ns)); }, "a budget is a time above zero");
    require_refused([] { static_cast<void>(weir::budget(-1s)); }, "a budget is a time above zero");
    require_refused(
        [] {
            static_cast<void>(weir::memory(readings{}) |
                              weir::named("time", weir::event_time(&reading::at, weir::out_of_order(1s)),
                                          weir::budget(1s)));
        },
        "event_time has no budget");
}

// SPDX-License-Identifier: Apache-2.0
// Measuring: it changes no result, and what it says is true.
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/window.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sinks/reply.hpp>
#include <weir/sources/memory.hpp>
#include <weir/sources/push.hpp>
#include <weir/sources/requests.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct tally {
    std::int64_t seen = 0;
};
BOOST_DESCRIBE_STRUCT(tally, (), (seen))

void work_for(weir::environment& where, std::chrono::nanoseconds time) {
    const auto begin = where.ticks();
    while (where.ticks() - begin < time) {
    }
}

const auto total = weir::process<tally>([](auto&, const reading& each, tally& state) {
    return state.seen += each.amount;
});

}  // namespace

TEST_CASE("a run that is measured gives what it gives otherwise", "[runtime]") {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        const auto all = random_logs(seed, {.records = 150, .partitions = 1 + seed % 3});
        const auto timed = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(9ns));
        const auto totals = weir::collect_stamped<std::int64_t>();
        const auto rows = weir::collect_stamped<weir::windowed<std::string, std::uint64_t, std::int64_t>>();
        const auto named = timed | weir::flat_map([](const reading& each) {
                               return readings(static_cast<std::size_t>(each.amount < 0 ? 0 : each.amount % 3), each);
                           }) |
                           weir::key_by(&reading::note);
        const weir::graph what(
            "measured", timed | weir::filter([](const reading& each) { return each.amount != 7; }) |
                            weir::key_by(&reading::key) | weir::named("totals", total) | weir::into(totals),
            named | weir::window(weir::tumbling(30ns)) |
                weir::named("rows", weir::aggregate(weir::count(), weir::sum(&reading::amount))) | weir::into(rows));
        weir::testing::simulation first(seed);
        const auto wanted = weir::testing::reference_run(what, first);
        for (named_plan each : every_runner()) {
            each.how.tuning.measure = true;
            weir::testing::simulation where(seed);
            const auto got = weir::detail::run_graph(what, each.how, where);
            require_same(wanted, got, each.name + ", measured", totals, rows);
            // Each record that came in has been measured: of flat_map, once.
            const auto& of_totals = got.stage("totals");
            REQUIRE(of_totals.latency);
            CHECK(of_totals.latency->count > 0);
            CHECK(of_totals.latency->count <= of_totals.counts.in);
            CHECK(of_totals.latency->p50 <= of_totals.latency->max);
            std::uint64_t carried = 0;
            for (const auto& log : got.logs) carried += log.latency->count;
            CHECK(carried == got.records);
            CHECK(!of_totals.hottest.empty());
        }
    }
}

TEST_CASE("a stage's latency is its own work, in every way records reach it", "[runtime]") {
    for (named_plan each : every_runner()) {
        each.how.tuning.measure = true;
        weir::testing::simulation where;
        readings records;
        for (int i = 0; i < 200; ++i) records.push_back(make_reading(static_cast<std::uint32_t>(i % 3), i));
        const auto slow = weir::process<tally>([&where](auto&, const reading& one, tally&) {
            work_for(where, 100us);
            return one;
        });
        const auto stream = weir::memory(records) | weir::event_time(&reading::at, weir::out_of_order(9ns)) |
                            weir::key_by(&reading::key) | weir::named("slow", slow) | weir::key_by(&reading::key) |
                            weir::named("quick", total);
        const auto report = weir::detail::run_graph(
            weir::graph("own work", stream | weir::into(weir::for_each([](std::int64_t) {}))), each.how, where);
        CAPTURE(each.name);
        CHECK(report.stage("slow").latency->count == 200);
        CHECK(report.stage("slow").latency->p50 >= 100us);
        CHECK(report.stage("quick").latency->count == 200);
        CHECK(report.stage("quick").latency->max < 100us);
        CHECK(report.logs.at(0).latency->p50 >= (each.how.threads == 1 ? 100us : 0us));
    }
}

TEST_CASE("the keys that come most often are found", "[runtime]") {
    const auto all = random_logs(5, {.records = 40'000, .keys = 3000});
    const auto stream = weir::memory(all[0]) | weir::event_time(&reading::at, weir::out_of_order(9ns)) |
                        weir::key_by(&reading::note) | weir::named("totals", total);
    const weir::graph what("hot", stream | weir::into(weir::for_each([](std::int64_t) {})));
    for (named_plan each : every_runner()) {
        each.how.tuning.measure = true;
        weir::testing::simulation where;
        const auto report = weir::detail::run_graph(what, each.how, where);
        const auto& hottest = report.stage("totals").hottest;
        CAPTURE(each.name);
        REQUIRE(hottest.size() == 10);
        CHECK(hottest[0].key == "a note on key number 0");  // half of them
        CHECK(hottest[0].count - hottest[0].error > 15'000);
        CHECK(hottest[0].count < 25'000);
        CHECK(hottest[1].count < 5'000);
    }
}

TEST_CASE("without measuring there is nothing in the report", "[runtime]") {
    const auto stream = weir::memory(readings(5)) | weir::event_time(&reading::at, weir::out_of_order(9ns)) |
                        weir::key_by(&reading::key) | weir::named("totals", total);
    const auto report =
        weir::run(weir::graph("off", stream | weir::into(weir::for_each([](std::int64_t) {}))), weir::batch{});
    CHECK_FALSE(report.stage("totals").latency);
    CHECK(report.stage("totals").hottest.empty());
    CHECK_FALSE(report.logs.at(0).latency);
    CHECK(report.stage("totals").state.keys == 1);
    CHECK(report.stage("totals").state.bytes > 0);
}

TEST_CASE("end-to-end latency begins when a record should have arrived", "[runtime]") {
    weir::testing::simulation where;
    const auto feed = weir::pushed<reading>();
    const auto stream = feed | weir::event_time(&reading::at, weir::out_of_order(9ns)) | weir::key_by(&reading::key) |
                        total;
    auto engine = weir::start_polled(weir::graph("late", stream | weir::into(weir::for_each([](std::int64_t) {}))),
                                     weir::event_loop{.tuning = {.measure = true}}, where);
    const auto now = engine.ticks();
    REQUIRE(engine.push(feed, make_reading(1, 1), weir::no_deadline, now - 5ms));
    REQUIRE(engine.push(feed, make_reading(1, 2)));
    work_for(where, 1ms);
    while (engine.poll()) {
    }
    const auto report = engine.report();
    REQUIRE(report.logs.size() == 1);
    const auto& latency = *report.logs[0].latency;
    CHECK(latency.count == 2);
    CHECK(latency.max >= 6ms);
    CHECK(latency.max < 6100us);
    CHECK(latency.p50 >= 1ms);
    CHECK(latency.p50 < 1100us);
    CHECK(report.logs[0].queue == weir::push_counts{.accepted = 2});
    CHECK_FALSE(report.logs[0].replies);
}

TEST_CASE("latencies of replies are those of whoever asked", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    weir::testing::simulation where;
    const auto requests = weir::requests<reading, std::int64_t>();
    const auto stream = requests | weir::event_time(&reading::at, weir::out_of_order(9ns)) |
                        weir::filter([](const reading& each) { return each.amount != 7; }) |
                        weir::key_by(&reading::key) | total;
    auto engine = weir::start_polled(weir::graph("asked", stream | weir::reply(requests)),
                                     weir::event_loop{.threads = threads, .tuning = {.measure = true}}, where);
    REQUIRE(engine.ask(requests, make_reading(1, 1)));
    REQUIRE(engine.ask(requests, make_reading(1, 2), weir::no_deadline, engine.ticks() - 20ms));
    REQUIRE_FALSE(engine.ask(requests, make_reading(1, 3, 7)));  // no reply, no latency
    bool answered = false;
    REQUIRE_FALSE(engine.ask_then(requests, make_reading(1, 4), [&](auto reply) { answered = bool(reply); },
                                  engine.ticks() - 40ms));
    while (!answered) engine.poll();
    const auto report = engine.report();
    const auto& replies = *report.logs.at(0).replies;
    CHECK(replies.count == 3);
    CHECK(replies.max >= 40ms);
    CHECK(replies.max < 45ms);
    CHECK(replies.p50 >= 20ms);
    CHECK(replies.p50 < 25ms);
    const auto last = engine.stop();
    REQUIRE(last);
    CHECK(last->logs.at(0).replies->count == 3);
}

// SPDX-License-Identifier: Apache-2.0
#include <weir/runtime/run.hpp>

#include <atomic>
#include <weir/aggregates/count.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/process.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

using row = weir::windowed<std::uint32_t, std::uint64_t>;

auto counted(const logs& all, weir::duration bound = 0ns) {
    return weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(bound)) |
           weir::key_by(&reading::key) | weir::window(weir::tumbling(10ns)) | weir::aggregate(weir::count());
}
struct nothing_kept {
    int unused = 0;
};

}  // namespace

TEST_CASE("available_now leaves open windows open", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U, 4U);
    CAPTURE(threads);
    const auto sink = weir::collect<row>();
    const weir::graph what(
        "now", counted({{make_reading(1, 1), make_reading(2, 12), make_reading(1, 25)}}) | weir::into(sink));
    const auto now = weir::run(what, weir::available_now{.threads = threads, .chunk = 2});
    CHECK_FALSE(now.reached_end);
    REQUIRE(now.output(sink).size() == 2);
    CHECK(now.output(sink)[1].end == nanosecond(20));
    CHECK(now.balanced());
    const auto whole = weir::run(what, weir::batch{.threads = threads});
    CHECK(whole.reached_end);
    CHECK(whole.output(sink).size() == 3);
}

TEST_CASE("a log without partitions has ended", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U, 4U);
    CAPTURE(threads);
    const auto sink = weir::collect<row>();
    const weir::graph what("none", counted({}) | weir::into(sink));
    for (const bool drain : {false, true}) {
        auto how = weir::detail::plan_of(weir::batch{.threads = threads});
        how.drain = drain;
        weir::testing::simulation where(1);
        const auto report = weir::detail::run_graph(what, how, where);
        CHECK(report.output(sink).empty());
        CHECK(report.balanced());
    }
    CHECK(weir::run(what, weir::event_loop{.threads = threads}).output(sink).empty());
}

TEST_CASE("micro-batches by time or by number give the same answer", "[runtime]") {
    const logs all = random_logs(1, {.records = 3000, .partitions = 2});
    const auto sink = weir::collect_stamped<row>();
    const weir::graph what("micro", counted(all, 9ns) | weir::into(sink));
    const auto wanted = weir::run(what, weir::batch{});
    CHECK(wanted.batches == 0);
    const auto by_number = weir::run(what, weir::micro_batch{.max_records = 100});
    require_same(wanted, by_number, "by number", sink);
    CHECK(by_number.batches == 45);
    require_same(wanted, weir::run(what, weir::micro_batch{.every = 1ms}), "every millisecond", sink);
    require_same(wanted, weir::run(what, weir::micro_batch{.every = 1ns}), "every nanosecond", sink);
    require_same(wanted, weir::run(what, weir::micro_batch{.every = 1ms, .threads = 2}), "by two threads", sink);
    // A simulated clock goes on only when it is looked at: batches by time are as long in every run.
    weir::testing::simulation first(1), second(1);
    const weir::micro_batch every{.every = 1us};
    CHECK(weir::run(what, every, first).batches == weir::run(what, every, second).batches);
}

TEST_CASE("progress is told while the run goes on", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    auto calls = std::make_shared<std::atomic<int>>(0);
    auto good = std::make_shared<std::atomic<bool>>(true);
    std::uint64_t before = 0;
    const weir::progress_function told = [=](const weir::progress_report& now) mutable {
        ++*calls;
        if (now.records < before || now.records > 20000 || now.elapsed < 0ns) *good = false;
        before = now.records;
    };
    const weir::run_tuning tuning{.progress = told, .progress_every = 0ms};
    const auto numbers =
        weir::generate(20000, [](std::uint64_t i) { return make_reading(1, static_cast<std::int64_t>(i)); }) |
        weir::event_time(&reading::at, weir::out_of_order(5ns));
    const auto sink = weir::for_each([](const reading&) {});
    weir::run(weir::graph("told", numbers | weir::into(sink)), weir::event_loop{.threads = threads, .tuning = tuning});
    CHECK(*calls > 10);
    CHECK(*good);
}

TEST_CASE("what a user's function throws ends the run and is thrown on, from any thread", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U, 4U);
    const int where = GENERATE(0, 1, 2, 3);
    CAPTURE(threads, where);
    const auto fail_at = [](int here, std::uint64_t number) {
        return [=](const reading& each) {
            if (here == static_cast<int>(number) && each.amount == 500)
                throw std::domain_error("from a user's function");
        };
    };
    const auto in_map = fail_at(where, 0), in_process = fail_at(where, 1), in_key = fail_at(where, 2),
               in_sink = fail_at(where, 3);
    const auto records = weir::generate(1000, [](std::uint64_t i) {
        return make_reading(static_cast<std::uint32_t>(i % 16), static_cast<std::int64_t>(i),
                            static_cast<std::int64_t>(i));
    });
    const auto results = records | weir::map([in_map](const reading& each) { return in_map(each), each; }) |
                         weir::event_time(&reading::at, weir::out_of_order(5ns)) |
                         weir::key_by([in_key](const reading& each) { return in_key(each), each.key; }) |
                         weir::process<nothing_kept>([in_process](auto&, const reading& each, nothing_kept&) {
                             return in_process(each), each;
                         });
    const weir::graph what("failing", results | weir::into(weir::for_each(in_sink)));
    CHECK_THROWS_AS(weir::run(what, weir::event_loop{.threads = threads}), std::domain_error);
    CHECK_THROWS_AS(weir::run(what, weir::micro_batch{.max_records = 7, .threads = threads}), std::domain_error);
    CHECK_THROWS_AS(weir::run(what, weir::batch{.threads = threads, .chunk = 64}), std::domain_error);
    weir::testing::simulation simulated(threads);
    CHECK_THROWS_AS(weir::run(what, weir::batch{.threads = threads}, simulated), std::domain_error);
}

TEST_CASE("runners whose options make no sense are refused", "[runtime]") {
    const weir::graph what("any", weir::memory(std::vector{1}) | weir::into(weir::collect<int>()));
    require_refused([&] { weir::run(what, weir::batch{.threads = 0}); }, "a run needs 1 to 128 threads");
    require_refused([&] { weir::run(what, weir::event_loop{.threads = 129}); }, "a run needs 1 to 128 threads");
    require_refused([&] { weir::run(what, weir::batch{.chunk = 0}); }, "at least one record");
    require_refused([&] { weir::run(what, weir::available_now{.chunk = 0}); }, "at least one record");
    require_refused([&] { weir::run(what, weir::micro_batch{.max_records = 0}); }, "at least one record");
    require_refused([&] { weir::run(what, weir::micro_batch{.every = 0ns}); }, "an interval above zero");
    require_refused([&] { weir::run(what, weir::batch{.tuning = {.ring = 0}}); }, "at least one chunk");
    require_refused([&] { weir::run(what, weir::batch{.tuning = {.in_flight = 0}}); },
                    "at least one record must be allowed");
}

TEST_CASE("a graph is a value: every run starts from nothing", "[runtime]") {
    const auto sink = weir::collect<row>();
    const weir::graph what("again", counted(random_logs(1, {})) | weir::into(sink));
    const auto first = weir::run(what, weir::batch{});
    const weir::graph copy = what;
    CHECK(weir::run(copy, weir::batch{}).output(sink) == first.output(sink));
    CHECK(weir::run(what, weir::event_loop{.threads = 3}).output(sink) == first.output(sink));
}

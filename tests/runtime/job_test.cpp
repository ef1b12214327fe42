// SPDX-License-Identifier: Apache-2.0
#include <weir/runtime/job.hpp>

#include <functional>
#include <stdexcept>
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/mean.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct tally {
    std::int64_t seen = 0;
};
BOOST_DESCRIBE_STRUCT(tally, (), (seen))

// Every stateful operator, chained: sorting, merging, timers, rolling, joining, windows with updates.
auto pairs_of(const logs& all) {
    const auto timed = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(9ns));
    const auto totals = timed | weir::key_by(&reading::key) |
                        weir::process<tally, std::int64_t>(
                            [](auto& context, const reading& each, tally& state) {
                                state.seen += each.amount;
                                context.set_timer(each.at + 15ns);
                                context.emit(state.seen);
                            },
                            [](auto& context, const std::uint32_t&, tally& state) {
                                state.seen = -state.seen / 2;
                                if (context.time() < nanosecond(50)) context.set_timer(context.time() + 20ns);
                            });
    const auto means = timed | weir::key_by(&reading::note) | weir::rolling(8ns, 40ns) |
                       weir::aggregate(weir::mean(&reading::value), weir::over(8ns, weir::max(&reading::amount)));
    return weir::join_by_origin(totals, means);
}
auto counts_of(const logs& all) {
    const auto timed = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(9ns));
    return weir::merge(timed, timed | weir::sort_by_time()) |
           weir::key_by([](const reading& each) { return each.key % 2; }) |
           weir::window(weir::sliding(20ns, 5ns), weir::allowed_lateness(7ns)) | weir::aggregate(weir::count());
}
using pair_type = typename decltype(pairs_of({}))::value_type;
using count_type = typename decltype(counts_of({}))::value_type;

struct everything {
    explicit everything(const logs& all, const std::string& name = "everything")
        : what(name, pairs_of(all) | weir::into(pair_sink), counts_of(all) | weir::into(count_sink)) {}
    decltype(weir::collect_stamped<pair_type>()) pair_sink = weir::collect_stamped<pair_type>();
    decltype(weir::collect_stamped<count_type>()) count_sink = weir::collect_stamped<count_type>();
    weir::graph what;
};

void require_state_error(const std::function<void()>& act, const std::string& part) {
    try {
        act();
    } catch (const weir::error& refused) {
        INFO(refused.what());
        CHECK(refused.kind() == weir::error_kind::state);
        CHECK(std::string(refused.what()).find(part) != std::string::npos);
        return;
    }
    FAIL("not refused, but should say: " + part);
}

}  // namespace

TEST_CASE("a job goes on in another job, between any two records", "[runtime]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    const everything tested(random_logs(seed, {.records = 30, .partitions = 1 + seed % 3, .keys = 3}));
    const auto wanted = run_everywhere(tested.what, seed, tested.pair_sink, tested.count_sink);
    CHECK_FALSE(wanted.output(tested.pair_sink).empty());
    CHECK_FALSE(wanted.output(tested.count_sink).empty());
    restore_everywhere(tested.what, wanted, tested.pair_sink, tested.count_sink);
    // The runner may change on the way.
    for (const unsigned threads : {1U, 2U, 4U}) {
        for (std::uint64_t stop = 0; stop <= wanted.records; stop += 7) {
            weir::testing::simulation first(seed), second(seed + 1);
            weir::job loop(tested.what, weir::detail::plan_of(weir::event_loop{.threads = threads}), first);
            loop.advance(stop);
            weir::job all(tested.what, weir::detail::plan_of(weir::batch{.threads = threads}), second, loop.snapshot());
            all.run_to_end();
            const auto report = all.finish();
            require_same(wanted, report, "stopped after " + std::to_string(stop), tested.pair_sink, tested.count_sink);
            CHECK(report.records == wanted.records);
        }
    }
}

TEST_CASE("a job that was advanced can run to its end", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    CAPTURE(threads);
    const auto sink = weir::collect_stamped<reading>();
    const auto source = weir::memory(random_logs(1, {})[0]) | weir::event_time(&reading::at, weir::out_of_order(9ns));
    const weir::graph what("advanced", source | weir::into(sink));
    const auto wanted = weir::run(what, weir::batch{});
    for (const std::uint64_t records : {0U, 1U, 50U, 1000U}) {
        weir::testing::simulation where(1);
        weir::job running(what, weir::detail::plan_of(weir::event_loop{.threads = threads}), where);
        running.advance(records);
        running.run_to_end();
        CHECK(running.ended());
        require_same(wanted, running.finish(), "after " + std::to_string(records), sink);
    }
}

TEST_CASE("advance reads no more than it may, and says when all is over", "[runtime]") {
    const auto sink = weir::collect<int>();
    const weir::graph what("counted", weir::memory(std::vector{1, 2, 3, 4, 5}) | weir::into(sink));
    weir::testing::simulation where(1);
    weir::job running(what, weir::detail::plan_of(weir::batch{}), where);
    CHECK(running.advance(2));
    CHECK_FALSE(running.ended());
    while (running.advance(2)) {
    }
    CHECK(running.ended());
    CHECK_FALSE(running.advance(2));
    const auto report = running.finish();
    CHECK(report.reached_end);
    CHECK(report.output(sink) == std::vector{1, 2, 3, 4, 5});
    weir::job stopped(what, weir::detail::plan_of(weir::batch{}), where);
    stopped.advance(3);
    const auto partly = stopped.finish(false);
    CHECK_FALSE(partly.reached_end);
    CHECK(partly.output(sink) == std::vector{1, 2, 3});
    CHECK(partly.records == 3);
}

TEST_CASE("a snapshot of a job that has ended holds all it gave", "[runtime]") {
    const everything tested(random_logs(4, {.records = 25, .partitions = 2}));
    const unsigned threads = GENERATE(1U, 2U);
    const auto plan = weir::detail::plan_of(weir::batch{.threads = threads});
    const auto wanted = weir::run(tested.what, weir::batch{});
    weir::testing::simulation where(1);
    weir::job running(tested.what, plan, where);
    while (running.advance(10)) {
    }
    weir::job again(tested.what, plan, where, running.snapshot());
    again.run_to_end();
    require_same(wanted, again.finish(), "restored after the end", tested.pair_sink, tested.count_sink);
}

TEST_CASE("a snapshot that does not fit is refused", "[runtime]") {
    const everything tested(random_logs(1, {.records = 20}));
    const everything other(random_logs(1, {.records = 20}), "another");
    const auto plan = weir::detail::plan_of(weir::batch{});
    weir::testing::simulation where(1);
    weir::job running(tested.what, plan, where);
    running.advance(10);
    const weir::job_snapshot taken = running.snapshot();
    CHECK(taken.graph_name == "everything");
    require_state_error([&] { weir::job(other.what, plan, where, taken); }, "is of graph 'everything'");
    require_state_error([&] { weir::job(tested.what, weir::detail::plan_of(weir::batch{.threads = 2}), where, taken); },
                        "is of a run with 1 threads");
    const auto sink = weir::collect<int>();
    const weir::graph smaller("everything", weir::memory(std::vector{1}) | weir::into(sink));
    require_state_error([&] { weir::job(smaller, plan, where, taken); }, "has other stages");
    for (std::size_t size = 0; size < taken.bytes.size(); size += 1 + taken.bytes.size() / 50) {
        weir::job_snapshot cut = taken;
        cut.bytes.resize(size);
        CHECK_THROWS_AS(weir::job(tested.what, plan, where, cut), weir::error);
    }
    weir::job_snapshot longer = taken;
    longer.bytes.push_back(std::byte{0});
    CHECK_THROWS_AS(weir::job(tested.what, plan, where, longer), weir::error);
}

TEST_CASE("state that cannot be stored is refused by a sentence", "[runtime]") {
    struct hidden {
        int seen = 0;
    };
    const auto sink = weir::collect<int>();
    const auto results = weir::memory(std::vector{1, 2}) | weir::key_by([](int each) { return each; }) |
                         weir::process<hidden>([](auto&, int each, hidden& state) { return each + state.seen++; });
    weir::testing::simulation where(1);
    weir::job running(weir::graph("hidden", results | weir::into(sink)), weir::detail::plan_of(weir::batch{}), where);
    require_state_error([&] { static_cast<void>(running.snapshot()); }, "describe it with BOOST_DESCRIBE_STRUCT");
}

TEST_CASE("a job that has failed can only be ended", "[runtime]") {
    const logs all{{make_reading(1, 0), make_reading(1, 1), make_reading(1, 2)}};
    auto calls = std::make_shared<int>(0);
    const auto sink = weir::for_each([calls](const reading& each) {
        ++*calls;
        if (each.at == nanosecond(1)) throw std::domain_error("from a sink");
    });
    const weir::graph what("failing", weir::memory_partitions(all) | weir::into(sink));
    weir::job running(what, weir::detail::plan_of(weir::batch{.chunk = 1}), weir::machine());
    CHECK(running.advance(1));
    CHECK_THROWS_AS(running.advance(1), std::domain_error);
    CHECK_THROWS_AS(running.advance(1), weir::error);
    CHECK_THROWS_AS(running.snapshot(), weir::error);
    CHECK_THROWS_AS(running.run_to_end(), weir::error);
    running.finish(false);
    CHECK(*calls == 2);
}

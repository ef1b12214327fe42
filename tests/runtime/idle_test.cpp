// SPDX-License-Identifier: Apache-2.0
// Logs that are declared idle: nobody waits for them, and where they spoke again is enough to replay it all.
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/erase.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/window.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sources/memory.hpp>
#include <weir/sources/push.hpp>
#include <weir/sources/source.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct tally {
    std::int64_t seen = 0;
};
BOOST_DESCRIBE_STRUCT(tally, (), (seen))

using rows_type = weir::windowed<std::uint32_t, std::uint64_t, std::int64_t>;
const auto rows = weir::collect_stamped<rows_type>();
const auto totals = weir::collect_stamped<std::int64_t>();
const auto late = weir::collect_stamped<reading>();

// Windows, a stage that needs the order of three logs, and what came too late for it.
template <class... Logs>
weir::graph graph_of(const std::vector<weir::log_resume>& resumes, const Logs&... logs) {
    const auto clock = [&](const auto& log) {
        return log | weir::filter([](const reading& each) { return each.amount != 5; }) |
               weir::event_time(&reading::at, weir::out_of_order(3ns), resumes);
    };
    const auto all = weir::merge(clock(logs)...);
    const auto windows = all | weir::key_by(&reading::key) | weir::window(weir::tumbling(10ns)) |
                         weir::aggregate(weir::count(), weir::sum(&reading::amount));
    const auto running = all | weir::key_by(&reading::key) |
                         weir::named("totals", weir::process<tally>([](auto&, const reading& each, tally& state) {
                                         return state.seen += each.amount;
                                     }));
    return weir::graph("idle", windows | weir::into(rows), running | weir::into(totals),
                       weir::late(running) | weir::into(late));
}

void poll_until_quiet(weir::engine& engine) {
    for (int quiet = 0; quiet < 5;) quiet = engine.poll() ? 0 : quiet + 1;
}

}  // namespace

TEST_CASE("what an engine made of logs that were idle now and then is made of a replay, too", "[runtime]") {
    std::size_t resumed = 0;
    std::size_t too_late = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        weir::testing::seeded choose(seed);
        weir::testing::simulation where(seed);
        const unsigned threads = seed % 3 == 0 ? 1 : 1 + static_cast<unsigned>(choose.below(3));
        CAPTURE(seed, threads);
        const std::vector feeds{weir::pushed<reading>(), weir::pushed<reading>(), weir::pushed<reading>()};
        auto engine = weir::start_polled(graph_of({}, feeds[0], feeds[1], feeds[2]),
                                         weir::event_loop{.threads = threads}, where);
        logs pushed(3);
        std::int64_t now = 0;
        for (int i = 0; i < 150; ++i) {
            const std::size_t which = choose.below(3);
            const auto what = choose.below(12);
            if (what == 0) {
                REQUIRE_FALSE(engine.declare_idle(feeds[which]));
            } else if (what < 4) {
                for (auto polls = choose.below(6); polls > 0; --polls) engine.poll();
            } else {
                now += static_cast<std::int64_t>(choose.below(4));
                const auto at = now - static_cast<std::int64_t>(choose.below(6));
                pushed[which].push_back(make_reading(static_cast<std::uint32_t>(choose.below(3)), at,
                                                     static_cast<std::int64_t>(choose.below(9))));
                REQUIRE(engine.push(feeds[which], pushed[which].back()));
            }
        }
        for (const auto& each : feeds) engine.close(each);
        const auto live = engine.wait();
        REQUIRE(live);
        CHECK(live->balanced());
        resumed += live->resumes.size();
        too_late += live->output(late).size();
        weir::testing::simulation again(seed);
        const weir::graph replay = graph_of(live->resumes, weir::memory(pushed[0]), weir::memory(pushed[1]),
                                            weir::memory(pushed[2]));
        const auto wanted = weir::testing::reference_run(replay, again);
        CHECK(difference(wanted.output(rows), live->output(rows)) == "");
        CHECK(difference(wanted.output(totals), live->output(totals)) == "");
        CHECK(difference(wanted.output(late), live->output(late)) == "");
        if (seed <= 8) run_everywhere(replay, seed, rows, totals, late);
        if (seed <= 2) restore_everywhere(replay, wanted, rows, totals, late);
    }
    CHECK(resumed > 100);
    CHECK(too_late > 50);
}

TEST_CASE("nobody waits for a log that is idle, and it is late where the others have been", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U, 3U);
    weir::testing::simulation where;
    const auto fast = weir::pushed<reading>();
    const auto slow = weir::pushed<reading>();
    auto engine = weir::start_polled(graph_of({}, fast, slow), weir::event_loop{.threads = threads}, where);
    REQUIRE(engine.push(slow, make_reading(1, 4)));
    for (int i = 0; i < 35; ++i) REQUIRE(engine.push(fast, make_reading(1, i)));
    poll_until_quiet(engine);
    CHECK(engine.output(rows).empty());
    CHECK(engine.stall().stalled());
    REQUIRE_FALSE(engine.declare_idle(slow));
    poll_until_quiet(engine);
    CHECK(engine.output(rows).size() == 3);  // up to 30: the fast log has come to 31
    auto report = engine.report();
    CHECK(report.logs.at(1).idle);
    CHECK_FALSE(report.logs.at(0).idle);
    CHECK(report.logs.at(1).watermark == nanosecond(31));
    CHECK(report.watermark == nanosecond(31));
    CHECK(report.resumes.empty());
    CHECK(engine.stall().held_by->label.find("#0") == 0);
    // It speaks again: what is older than 31 comes too late.
    REQUIRE(engine.push(slow, make_reading(1, 20)));
    REQUIRE(engine.push(slow, make_reading(1, 33)));
    poll_until_quiet(engine);
    report = engine.report();
    CHECK_FALSE(report.logs.at(1).idle);
    CHECK(report.resumes == std::vector<weir::log_resume>{{1, 1, nanosecond(31)}});
    // Not declared any more, it is waited for again.
    for (int i = 35; i < 60; ++i) REQUIRE(engine.push(fast, make_reading(1, i)));
    poll_until_quiet(engine);
    CHECK(engine.output(rows).size() == 3);
    CHECK(engine.output(late).size() == 1);
    CHECK(engine.stall().held_by->label.find("#2") == 0);
}

TEST_CASE("two idle logs wait for none but the third, and all idle for the first that speaks", "[runtime]") {
    weir::testing::simulation where;
    const std::vector feeds{weir::pushed<reading>(), weir::pushed<reading>(), weir::pushed<reading>()};
    auto engine = weir::start_polled(graph_of({}, feeds[0], feeds[1], feeds[2]),
                                     weir::event_loop{.threads = GENERATE(1U, 2U, 3U)}, where);
    for (const auto& each : feeds) REQUIRE_FALSE(engine.declare_idle(each));
    poll_until_quiet(engine);
    CHECK(engine.report().watermark == weir::time_highest);  // of none
    CHECK(engine.output(rows).empty());
    for (int i = 0; i < 14; ++i) REQUIRE(engine.push(feeds[2], make_reading(1, i)));
    poll_until_quiet(engine);
    CHECK(engine.output(rows).size() == 1);
    CHECK(engine.report().watermark == nanosecond(10));
    const auto last = engine.stop();
    REQUIRE(last);
    CHECK(last->output(totals).size() == 14);
}

namespace {

// Has nothing at the moment; whether that is all it has now, it says only when it is told to.
struct hesitant {
    std::shared_ptr<bool> idle;
    weir::read_result read(std::size_t, auto&) {
        return *idle ? weir::read_result::idle : weir::read_result::more;
    }
};

}  // namespace

TEST_CASE("a log is idle when it says that it has nothing, not when it just gave nothing", "[runtime]") {
    weir::testing::simulation where;
    const auto idle = std::make_shared<bool>(false);
    const auto own = weir::source<reading>("own", "", [idle](weir::environment&) { return hesitant{idle}; });
    const auto fast = weir::pushed<reading>();
    auto engine = weir::start_polled(graph_of({}, own, fast), weir::event_loop{}, where);
    REQUIRE_FALSE(engine.declare_idle(own));
    for (int i = 0; i < 35; ++i) REQUIRE(engine.push(fast, make_reading(1, i)));
    poll_until_quiet(engine);
    CHECK_FALSE(engine.report().logs.at(0).idle);
    CHECK(engine.output(rows).empty());
    *idle = true;
    poll_until_quiet(engine);
    CHECK(engine.report().logs.at(0).idle);
    CHECK(engine.output(rows).size() == 3);
}

TEST_CASE("only logs with event time can be idle", "[runtime]") {
    weir::testing::simulation where;
    const auto feed = weir::pushed<reading>();
    const auto other = weir::pushed<reading>();
    auto engine = weir::start_polled(weir::graph("timeless", feed | weir::into(weir::collect<reading>())),
                                     weir::event_loop{}, where);
    for (const auto& each : {feed, other}) {
        const auto refused = engine.declare_idle(each);
        REQUIRE(refused);
        CHECK(refused->kind() == weir::failure_kind::misused);
        CHECK(std::string(refused->text()).find("only a log of this engine's graph whose records have event time") !=
              std::string::npos);
    }
}

// SPDX-License-Identifier: Apache-2.0
#include <weir/aggregates/count.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/window.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sources/push.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct tally {
    std::int64_t seen = 0;
};

// Two logs that meet, where windows and a stage that needs the order wait for the slower one.
struct two_logs {
    weir::push_source<reading> fast = weir::pushed<reading>();
    weir::push_source<reading> slow = weir::pushed<reading>();
    weir::testing::simulation where;

    [[nodiscard]] weir::engine start(unsigned threads = 1) {
        const auto clock = [](const auto& log) {
            return log | weir::event_time(&reading::at, weir::out_of_order(2ns));
        };
        const auto both = weir::merge(clock(fast), clock(slow));
        const auto rows = both | weir::key_by(&reading::key) | weir::window(weir::tumbling(10ns)) |
                          weir::named("rows", weir::aggregate(weir::count()));
        const auto totals = both | weir::key_by(&reading::key) |
                            weir::named("totals", weir::process<tally>([](auto&, const reading& each, tally& state) {
                                            return state.seen += each.amount;
                                        }));
        return weir::start_polled(
            weir::graph("two", rows | weir::into(weir::collect<weir::windowed<std::uint32_t, std::uint64_t>>()),
                        totals | weir::into(weir::collect<std::int64_t>())),
            weir::event_loop{.threads = threads}, where);
    }
    void wait(weir::engine& engine, std::chrono::nanoseconds time) {
        const auto until = engine.ticks() + time;
        while (engine.ticks() < until) engine.poll();
    }
};

}  // namespace

TEST_CASE("what holds the watermark, since when, and what waits for it", "[runtime]") {
    two_logs logs;
    auto engine = logs.start(GENERATE(1U, 2U));
    REQUIRE(engine.push(logs.slow, make_reading(1, 5)));
    for (int i = 0; i < 40; ++i) REQUIRE(engine.push(logs.fast, make_reading(1, i)));
    logs.wait(engine, 3ms);
    const auto stall = engine.stall();
    CHECK(stall.stalled());
    REQUIRE(stall.held_by);
    CHECK(stall.held_by->label.find("push") != std::string::npos);
    CHECK(stall.held_by->offset == 1);
    CHECK(stall.held_by->watermark == nanosecond(3));
    CHECK(stall.held_by->quiet >= 2ms);
    CHECK(stall.held_by->quiet <= 3ms);
    CHECK(stall.next_watermark == nanosecond(37));
    std::uint64_t held = 0;
    weir::timestamp due = weir::time_highest;
    for (const auto& each : stall.waiting) {
        held += each.held;
        due = std::min(due, each.next_due);
    }
    CHECK(held > 30);  // in front of what needs the order
    CHECK(due == nanosecond(9));
    const std::string text = weir::explain_stall(engine);
    CAPTURE(text);
    for (const std::string part : {"The watermark is held by #", "1970-01-01T00:00:00.000000003Z",
                                   "it has had nothing to read for", "at offset 1",
                                   "Without it, the watermark would be at 1970-01-01T00:00:00.000000037Z",
                                   "'totals' waits for it: ", "records held", "'rows' waits for it:",
                                   "what is due at 1970-01-01T00:00:00.000000009Z"}) {
        CAPTURE(part);
        CHECK(text.find(part) != std::string::npos);
    }
}

TEST_CASE("a log that speaks again holds nothing, one that has ended neither", "[runtime]") {
    two_logs logs;
    auto engine = logs.start();
    for (int i = 0; i < 40; ++i) REQUIRE(engine.push(logs.fast, make_reading(1, i)));
    logs.wait(engine, 1ms);
    CHECK(engine.stall().held_by->watermark == weir::time_lowest);
    CHECK(weir::explain_stall(engine).find("which has none yet") != std::string::npos);
    REQUIRE(engine.push(logs.slow, make_reading(1, 60)));
    logs.wait(engine, 1ms);
    auto stall = engine.stall();
    CHECK(stall.held_by->watermark == nanosecond(37));
    CHECK(stall.held_by->quiet < 2ms);
    engine.close(logs.fast);
    logs.wait(engine, 1ms);
    CHECK(engine.stall().held_by->watermark == nanosecond(58));
    engine.close(logs.slow);
    logs.wait(engine, 1ms);
    stall = engine.stall();
    CHECK_FALSE(stall.held_by);
    CHECK_FALSE(stall.stalled());
    CHECK(stall.to_text().find("All logs have ended") != std::string::npos);
}

TEST_CASE("a paused engine says that it is", "[runtime]") {
    two_logs logs;
    auto engine = logs.start();
    engine.pause();
    REQUIRE(engine.push(logs.fast, make_reading(1, 1)));
    CHECK(weir::explain_stall(engine).find("The engine is paused") == 0);
    CHECK_FALSE(engine.stall().stalled());  // nothing waits behind it
    engine.resume();
    CHECK(weir::explain_stall(engine).find("paused") == std::string::npos);
}

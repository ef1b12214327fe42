// SPDX-License-Identifier: Apache-2.0
// Records that the clock makes: which ones is fixed, when they come is not.
#include <catch2/catch.hpp>

#include <weir/flow/explain.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/wall_clock_timer.hpp>
#include <weir/testing/simulation.hpp>

namespace {

using namespace std::chrono_literals;

std::vector<weir::timer_tick> ticks(std::uint64_t count, std::chrono::nanoseconds every) {
    std::vector<weir::timer_tick> made;
    for (std::uint64_t i = 0; i < count; ++i) {
        made.push_back({i, weir::timestamp{1h} + every * static_cast<std::int64_t>(i)});
    }
    return made;
}

}  // namespace

TEST_CASE("a timer's records are the same in every run") {
    const auto timer = weir::wall_clock_timer(2ms, {.start = weir::timestamp{1h}, .count = 20});
    auto sink = weir::collect<weir::timer_tick>();
    const weir::graph what("timer", timer | weir::into(sink));
    for (const unsigned threads : {1U, 2U}) {
        const auto begun = weir::machine().ticks();
        CHECK(weir::run(what, weir::event_loop{.threads = threads}).output(sink) == ticks(20, 2ms));
        CHECK(weir::machine().ticks() - begun >= 38ms);
        weir::testing::simulation where(threads);
        CHECK(weir::run(what, weir::micro_batch{.max_records = 3, .threads = threads}, where).output(sink) ==
              ticks(20, 2ms));
    }
    CHECK(weir::explain(what).find("when its records come is a matter of the wall clock") != std::string::npos);
}

TEST_CASE("a timer without an end is read as far as it has come") {
    std::uint64_t seen = 0;
    const weir::graph what("timer", weir::wall_clock_timer(1h) |
                                        weir::into(weir::for_each([&](const weir::timer_tick&) { ++seen; })));
    CHECK(weir::explain(what).find("one log without an end") != std::string::npos);
    CHECK_FALSE(weir::run(what, weir::available_now{}).reached_end);
    CHECK_FALSE(weir::run(what, weir::batch{}).reached_end);
    CHECK(seen == 2);  // the first of each run is due at once
}

TEST_CASE("a timer that was held up catches up, and goes on from a snapshot") {
    weir::testing::simulation where;
    auto sink = weir::collect<weir::timer_tick>();
    const weir::graph what("timer", weir::wall_clock_timer(1us, {.start = weir::timestamp{1h}, .count = 500}) |
                                        weir::into(sink));
    const auto how = weir::detail::plan_of(weir::event_loop{});
    auto running = std::make_unique<weir::job>(what, how, where);
    for (int held_up = 0; held_up < 1000; ++held_up) static_cast<void>(where.ticks());
    running->advance(7);
    const auto taken = running->snapshot();
    running = std::make_unique<weir::job>(what, how, where, taken);
    running->run_to_end();
    CHECK(running->finish().output(sink) == ticks(500, 1us));
    CHECK_THROWS_WITH(weir::wall_clock_timer(0s), "wall_clock_timer needs an interval above zero");
}

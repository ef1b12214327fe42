// SPDX-License-Identifier: Apache-2.0
#include <weir/base/fine_clock.hpp>

#include <catch2/catch.hpp>
#include <weir/testing/simulation.hpp>

using namespace std::chrono_literals;

TEST_CASE("a fine clock goes as the environment's does", "[base]") {
    weir::environment& where = weir::machine();
    const weir::fine_clock clock(where);
    const auto begin = where.ticks();
    const auto first = clock.read();
    while (where.ticks() - begin < 20ms) {
    }
    const auto last = clock.read();
    const auto end = where.ticks();
    const auto between = clock.between(first, last);
    // It was read within what the other saw, and whoever was held up between the two readings saw more.
    CHECK(between <= (end - begin) + 100us);
    CHECK(between >= 19ms);
    CHECK(clock.between(last, first) == -between);
    CHECK(clock.between(first, first) == 0ns);
}

TEST_CASE("an instant of a fine clock is found by the environment's time", "[base]") {
    weir::environment& where = weir::machine();
    const weir::fine_clock clock(where);
    const auto now = where.ticks();
    for (const auto later : {0ns, 1000ns, 1'000'000ns, 3'600'000'000'000ns, -5'000'000ns}) {
        const auto found = clock.between(clock.at(now), clock.at(now + later));
        CAPTURE(later.count(), found.count());
        CHECK(std::abs((found - later).count()) <= 2 + std::abs(later.count()) / 1'000'000);
    }
}

TEST_CASE("in a simulation it is virtual time", "[base]") {
    weir::testing::simulation where;
    CHECK(where.counter_period() == 0);
    const weir::fine_clock clock(where);
    const auto first = clock.read();
    static_cast<void>(where.ticks());
    CHECK(clock.between(first, clock.read()) == 100ns);  // every look takes 50
    CHECK(clock.between(first, clock.at(std::chrono::nanoseconds(first) + 70ns)) == 70ns);
}

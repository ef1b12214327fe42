// SPDX-License-Identifier: Apache-2.0
#include <weir/windows/grid.hpp>

#include <weir/windows/sliding.hpp>
#include <weir/windows/tumbling.hpp>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

namespace {
weir::timestamp nanosecond(std::int64_t count) { return weir::timestamp{weir::duration{count}}; }
weir::window_grid grid(std::int64_t size, std::int64_t slide) {
    return {weir::duration{size}, weir::duration{slide}, {}, "a grid"};
}
}  // namespace

TEST_CASE("the grid finds ends of windows, before the epoch, too", "[windows]") {
    for (const auto& each : {grid(10, 10), grid(7, 7), grid(10, 3), grid(12, 4), grid(9, 6), grid(1, 1), grid(30, 7)}) {
        CAPTURE(each.size.count(), each.slide.count());
        for (std::int64_t at = -70; at <= 70; ++at) {
            CAPTURE(at);
            weir::timestamp first_above = weir::time_highest;
            weir::timestamp last_holding = weir::time_lowest;
            for (std::int64_t k = -80; k <= 80; ++k) {
                const auto start = nanosecond(k * each.slide.count());
                const auto end = start + each.size;
                if (end > nanosecond(at)) first_above = std::min(first_above, end);
                if (start <= nanosecond(at) && nanosecond(at) < end) last_holding = std::max(last_holding, end);
            }
            CHECK(weir::detail::first_end_above(nanosecond(at), each) == first_above);
            CHECK(weir::detail::last_end_holding(nanosecond(at), each) == last_holding);
            const auto aligned = weir::detail::align_down(nanosecond(at), each.slide);
            CHECK((aligned <= nanosecond(at) && nanosecond(at) < aligned + each.slide));
            CHECK(aligned.time_since_epoch() % each.slide == 0ns);
        }
    }
}

TEST_CASE("an offset moves all windows, whichever of the same windows it names", "[windows]") {
    const auto moved = weir::sliding(10ns, 4ns, 3ns);
    CHECK(weir::sliding(10ns, 4ns, -1ns).offset == 3ns);
    CHECK(weir::sliding(10ns, 4ns, 11ns).offset == 3ns);
    CHECK(weir::tumbling(10ns, 10ns).offset == 0ns);
    const auto plain = weir::sliding(10ns, 4ns);
    for (std::int64_t at = -30; at <= 30; ++at) {
        CAPTURE(at);
        CHECK(weir::detail::first_end_above(nanosecond(at + 3), moved) ==
              weir::detail::first_end_above(nanosecond(at), plain) + 3ns);
        CHECK(weir::detail::last_end_holding(nanosecond(at + 3), moved) ==
              weir::detail::last_end_holding(nanosecond(at), plain) + 3ns);
    }
    CHECK(weir::detail::first_end_above(weir::time_lowest, moved) > weir::time_lowest);
    CHECK(weir::detail::last_end_holding(weir::time_highest, moved) == weir::time_highest);
}

TEST_CASE("panes are what no border cuts", "[windows]") {
    CHECK(grid(10, 3).pane() == 1ns);
    CHECK(grid(12, 4).pane() == 4ns);
    CHECK(grid(9, 6).pane() == 3ns);
    CHECK(grid(10, 10).pane() == 10ns);
    CHECK(grid(10, 10).tumbling());
    CHECK_FALSE(grid(10, 5).tumbling());
}

TEST_CASE("the grid stays on the line", "[windows]") {
    for (const auto& each : {grid(10, 10), grid(10, 3), grid(1'000'000'000'000'000'000, 7)}) {
        CHECK(weir::detail::first_end_above(weir::time_lowest, each) > weir::time_lowest);
        CHECK(weir::detail::align_down(weir::time_lowest, each.slide) == weir::time_lowest);
        CHECK(weir::detail::first_end_above(weir::time_highest, each) <= weir::time_highest);
        CHECK(weir::detail::last_end_holding(weir::time_highest, each) == weir::time_highest);
    }
}

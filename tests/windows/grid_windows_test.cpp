// SPDX-License-Identifier: Apache-2.0
#include <weir/windows/grid_windows.hpp>

#include <catch2/catch.hpp>

#include <limits>
#include <vector>

#include <weir/windows/sliding.hpp>
#include <weir/windows/tumbling.hpp>

using namespace std::chrono_literals;

namespace {
weir::timestamp nanosecond(std::int64_t count) { return weir::timestamp{weir::duration{count}}; }
std::vector<std::pair<weir::timestamp, weir::timestamp>> windows_of(const weir::grid_windows& windows,
                                                                    std::int64_t at) {
    std::vector<std::pair<weir::timestamp, weir::timestamp>> all;
    windows.windows_of(0, nanosecond(at), [&](weir::timestamp start, weir::timestamp end) {
        all.emplace_back(start, end);
    });
    return all;
}
}  // namespace

TEST_CASE("all windows of a grid that hold a time, and none in a gap", "[windows]") {
    for (const auto& grid : {weir::tumbling(10ns), weir::sliding(12ns, 4ns, 3ns), weir::sliding(10ns, 3ns),
                             weir::sliding(3ns, 10ns, 4ns)}) {
        for (std::int64_t at = -40; at <= 40; ++at) {
            CAPTURE(grid.text, at);
            std::vector<std::pair<weir::timestamp, weir::timestamp>> wanted;
            for (std::int64_t k = -60; k <= 60; ++k) {
                const weir::timestamp start = nanosecond(k * grid.slide.count()) + grid.offset;
                if (start <= nanosecond(at) && nanosecond(at) < start + grid.size) {
                    wanted.emplace_back(start, start + grid.size);
                }
            }
            CHECK(windows_of(grid.with_gaps(), at) == wanted);
        }
    }
}

TEST_CASE("near the ends of time the windows are right, or the whole line says that they are not", "[windows]") {
    const auto lowest = std::numeric_limits<std::int64_t>::min();
    const auto highest = std::numeric_limits<std::int64_t>::max();
    const std::pair whole{weir::time_lowest, weir::time_highest};
    for (const auto& grid : {weir::tumbling(10ns), weir::tumbling(16ns), weir::sliding(12ns, 4ns, 3ns),
                             weir::sliding(15ns, 10ns, 9ns), weir::sliding(3ns, 10ns, 4ns)}) {
        const std::int64_t size = grid.size.count();
        const std::int64_t slide = grid.slide.count();
        const auto check = [&](std::int64_t at, bool near) {
            CAPTURE(grid.text, at);
            const auto found = windows_of(grid.with_gaps(), at);
            if (found == std::vector{whole}) {
                CHECK(near);
                return;
            }
            // Starts, counted back from the time, which lie on the grid.
            std::vector<std::pair<weir::timestamp, weir::timestamp>> wanted;
            for (std::int64_t back = size - 1; back >= 0; --back) {
                REQUIRE(at > lowest + back);
                const std::int64_t rest = (at % slide - (back + grid.offset.count()) % slide) % slide;
                if (rest != 0) continue;
                REQUIRE(at - back < highest - size);
                wanted.emplace_back(nanosecond(at - back), nanosecond(at - back + size));
            }
            CHECK(found == wanted);
        };
        for (std::int64_t by = 1; by <= 100; ++by) {
            check(lowest + by, by <= size + 2 * slide);
            check(highest - by, by <= size + slide);
        }
    }
}

TEST_CASE("gaps are for who says so", "[windows]") {
    CHECK_THROWS_WITH(weir::sliding(3ns, 10ns).check(), Catch::Contains("with_gaps()"));
    CHECK_NOTHROW(weir::sliding(3ns, 10ns).with_gaps().check());
    CHECK_THROWS_WITH(weir::sliding(0ns, 10ns).with_gaps().check(), Catch::Contains("above zero"));
    CHECK(weir::sliding(3ns, 10ns).with_gaps().text() == "sliding 3ns 10ns with gaps");
    CHECK(weir::grid_windows{weir::tumbling(10ns, 2ns)}.text() == "tumbling 10ns offset 2ns");
}

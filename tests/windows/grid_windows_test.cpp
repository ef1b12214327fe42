// SPDX-License-Identifier: Apache-2.0
#include <weir/windows/grid_windows.hpp>

#include <catch2/catch.hpp>

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

TEST_CASE("gaps are for who says so", "[windows]") {
    CHECK_THROWS_WITH(weir::sliding(3ns, 10ns).check(), Catch::Contains("with_gaps()"));
    CHECK_NOTHROW(weir::sliding(3ns, 10ns).with_gaps().check());
    CHECK_THROWS_WITH(weir::sliding(0ns, 10ns).with_gaps().check(), Catch::Contains("above zero"));
    CHECK(weir::sliding(3ns, 10ns).with_gaps().text() == "sliding 3ns 10ns with gaps");
    CHECK(weir::grid_windows{weir::tumbling(10ns, 2ns)}.text() == "tumbling 10ns offset 2ns");
}

// SPDX-License-Identifier: Apache-2.0
#include <weir/time/timestamp.hpp>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

TEST_CASE("sums of times stop at the ends of the line", "[time]") {
    const weir::timestamp epoch{};
    const auto most = weir::duration::max();
    CHECK(weir::saturating_add(epoch, 5s) == weir::timestamp{5s});
    CHECK(weir::saturating_sub(epoch, 5s) == weir::timestamp{-5s});
    CHECK(weir::saturating_add(weir::time_highest, weir::one_tick) == weir::time_highest);
    CHECK(weir::saturating_add(weir::time_highest, -weir::one_tick) == weir::time_highest - 1ns);
    CHECK(weir::saturating_add(weir::time_lowest, -weir::one_tick) == weir::time_lowest);
    CHECK(weir::saturating_add(weir::timestamp{1ns}, most) == weir::time_highest);
    CHECK(weir::saturating_sub(weir::time_lowest, weir::one_tick) == weir::time_lowest);
    CHECK(weir::saturating_sub(weir::timestamp{-2ns}, most) == weir::time_lowest);
    CHECK(weir::saturating_sub(weir::time_highest, -weir::one_tick) == weir::time_highest);
    CHECK(weir::saturating_sub(weir::timestamp{0ns}, weir::duration::min()) == weir::time_highest);
    STATIC_REQUIRE(weir::saturating_add(weir::timestamp{}, 1ns) == weir::timestamp{1ns});
}

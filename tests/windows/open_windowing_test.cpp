// SPDX-License-Identifier: Apache-2.0
#include <weir/windows/open_windowing.hpp>

#include <catch2/catch.hpp>

#include <weir/windows/global.hpp>
#include <weir/windows/session.hpp>

using namespace std::chrono_literals;

TEST_CASE("windows and how they speak, in words", "[windows]") {
    using sessions = weir::session_windows<weir::fixed_gap>;
    CHECK(weir::open_windowing<sessions>{weir::session(30min)}.text() == "session 30m");
    CHECK(weir::open_windowing<sessions>{weir::session(30min), 5min, weir::emit::final, weir::discarding}.text() ==
          "session 30m late 5m final discarding");
    CHECK(weir::open_windowing<weir::global_windows>{weir::global(), {}, weir::emit::after(2)}.text() ==
          "global after 2");
    CHECK_THROWS_WITH((weir::open_windowing<sessions>{weir::session(30min), -5min}.check()),
                      Catch::Contains("not negative"));
    CHECK_THROWS_WITH((weir::open_windowing<sessions>{weir::session(0min)}.check()), Catch::Contains("above zero"));
}

// SPDX-License-Identifier: Apache-2.0
#include <weir/windows/emission.hpp>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

TEST_CASE("emissions say what they are", "[windows]") {
    CHECK(weir::emit::on_time.text() == "");
    CHECK(weir::emit::final.text() == "final");
    CHECK(weir::emit::every_update.text() == "every update");
    CHECK(weir::emit::every(5min).text() == "every 5m");
    CHECK(weir::emit::after(3).text() == "after 3");
    CHECK(weir::emit::after(3).without_end().text() == "after 3 without end");
    CHECK(weir::emit::every_update.without_end().text() == "every update without end");
}

TEST_CASE("emissions that make no sense are refused", "[windows]") {
    CHECK_THROWS_WITH(weir::emit::every(0s), Catch::Contains("above zero"));
    CHECK_THROWS_WITH(weir::emit::every(-1s), Catch::Contains("above zero"));
    CHECK_THROWS_WITH(weir::emit::after(0), Catch::Contains("after a record"));
    CHECK_THROWS_WITH(weir::emit::final.without_end().check(), Catch::Contains("never says anything"));
    CHECK_NOTHROW(weir::emit::after(1).without_end().check());
}

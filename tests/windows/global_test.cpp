// SPDX-License-Identifier: Apache-2.0
#include <weir/windows/global.hpp>

#include <catch2/catch.hpp>

TEST_CASE("the global window holds every time", "[windows]") {
    int count = 0;
    weir::global().windows_of(1, weir::timestamp{}, [&](weir::timestamp start, weir::timestamp end) {
        ++count;
        CHECK(start == weir::time_lowest);
        CHECK(end == weir::time_highest);
    });
    CHECK(count == 1);
    CHECK(weir::global().text() == "global");
}

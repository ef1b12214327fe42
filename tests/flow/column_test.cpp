// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <vector>

#include <weir/flow/column.hpp>

TEST_CASE("a column holds what is pushed, copies and moves") {
    weir::column<int> column;
    std::vector<int> expected;
    for (int i = 0; i < 1000; ++i) {
        column.push_back(i);
        expected.push_back(i);
    }
    weir::column<int> copy = column;
    weir::column<int> moved = std::move(column);
    REQUIRE(copy.size() == expected.size());
    REQUIRE(moved.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        REQUIRE(copy[i] == expected[i]);
        REQUIRE(moved[i] == expected[i]);
    }
    copy.clear();
    CHECK(copy.size() == 0);
    copy.resize(5);
    copy.data()[4] = 7;
    CHECK(copy[4] == 7);
    copy = moved;
    CHECK(copy.size() == 1000);
}

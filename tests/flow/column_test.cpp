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

namespace {
struct marked {
    int number = 7;
    int other;
};
struct fixed {
    const int number;
    explicit fixed(int of) : number(of) {}
};
}  // namespace

TEST_CASE("a column grows without constructors, and holds what has no default or cannot be assigned") {
    weir::column<marked> left_unset;
    left_unset.resize(3);
    for (int i = 0; i < 3; ++i) left_unset.data()[i] = {i, -i};
    left_unset.clear();
    left_unset.resize(3);
    CHECK(left_unset[2].number == 2);  // nobody has written over it

    weir::column<fixed> constants;
    for (int i = 0; i < 100; ++i) constants.emplace_back(i);
    constants.emplace_back(constants[50]);
    CHECK(constants[99].number == 99);
    CHECK(constants[100].number == 50);

    weir::column<int> doubled;
    doubled.push_back(1);
    for (int i = 0; i < 40; ++i) doubled.push_back(doubled[doubled.size() - 1]);  // also when it grows
    CHECK(doubled[40] == 1);

    weir::column<int> part;
    part.assign(doubled.data() + 1, 5);
    CHECK(part.size() == 5);
    part.assign(nullptr, 0);
    CHECK(part.size() == 0);
}

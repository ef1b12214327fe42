// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>
#include <vector>
#include <weir/record/describe.hpp>

namespace {

struct point {
    double x;
    double y;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

struct named_point : point {
    std::string name;
    int left_out = 0;
};
BOOST_DESCRIBE_STRUCT(named_point, (point), (name))

struct nothing {};
BOOST_DESCRIBE_STRUCT(nothing, (), ())

struct unknown {
    int x;
};

enum class color { red, green = 5, blue };
BOOST_DESCRIBE_ENUM(color, red, green, blue)

}  // namespace

TEST_CASE("a described struct says so, another does not") {
    STATIC_REQUIRE(weir::described<point>);
    STATIC_REQUIRE(weir::described<const point>);
    STATIC_REQUIRE(weir::described<nothing>);
    STATIC_REQUIRE_FALSE(weir::described<unknown>);
    STATIC_REQUIRE_FALSE(weir::described<int>);
    STATIC_REQUIRE_FALSE(weir::described<color>);
    STATIC_REQUIRE(weir::described_enum<color>);
    STATIC_REQUIRE_FALSE(weir::described_enum<point>);
}

TEST_CASE("fields are visited in order, those of the base first") {
    STATIC_REQUIRE(weir::field_count<named_point> == 3);
    STATIC_REQUIRE(weir::field_names<named_point>[2] == "name");
    STATIC_REQUIRE(weir::field_count<nothing> == 0);

    named_point place;
    place.x = 1;
    place.y = 2;
    place.name = "here";
    std::vector<std::string> names;
    weir::for_each_field(place, [&names](std::string_view name, auto& member) {
        names.emplace_back(name);
        if constexpr (std::is_same_v<std::remove_reference_t<decltype(member)>, double>) member *= 10;
    });
    CHECK(names == std::vector<std::string>{"x", "y", "name"});
    CHECK(place.x == 10);
    CHECK(place.y == 20);

    const point fixed{3, 4};
    double sum = 0;
    weir::for_each_field(fixed, [&sum](std::string_view, const double& member) { sum += member; });
    CHECK(sum == 7);
}

TEST_CASE("a member pointer has a name when the program is compiled") {
    STATIC_REQUIRE(weir::field_name(&point::y) == "y");
    STATIC_REQUIRE(weir::field_name(&named_point::name) == "name");
    STATIC_REQUIRE(weir::field_name(&named_point::x) == "x");
    STATIC_REQUIRE(weir::field_name(&named_point::left_out).empty());
}

TEST_CASE("an enum's values have names") {
    STATIC_REQUIRE(weir::enum_name(color::green) == "green");
    STATIC_REQUIRE(weir::enum_name(static_cast<color>(77)).empty());
    color found = color::red;
    CHECK(weir::find_enum("blue", found));
    CHECK(found == color::blue);
    CHECK_FALSE(weir::find_enum("Blue", found));
    CHECK(found == color::blue);
}

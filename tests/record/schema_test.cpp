// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <weir/record/print.hpp>
#include <weir/record/schema.hpp>

namespace {

enum class color : std::uint8_t { red, green };
BOOST_DESCRIBE_ENUM(color, red, green)
enum class level { low = 1, high, top = 9 };
BOOST_DESCRIBE_ENUM(level, low, high, top)
enum class hidden : std::int16_t {};

struct point {
    double x = 0;
    double y = 0;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

struct payment {
    std::uint64_t card = 0;
    weir::timestamp at{};
    std::optional<double> amount;
    color paint = color::red;
    std::array<float, 3> three{};
    point place;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, at, amount, paint, three, place))

struct own {
    static std::string type_tag() { return "own"; }
    [[nodiscard]] std::string to_text() const { return "<own>"; }
};

}  // namespace

TEST_CASE("tags are canonical") {
    CHECK(weir::type_tag<bool>() == "bool");
    CHECK(weir::type_tag<char>() == "char");
    CHECK(weir::type_tag<signed char>() == "i8");
    CHECK(weir::type_tag<long>() == weir::type_tag<long long>());
    CHECK(weir::type_tag<std::uint16_t>() == "u16");
    CHECK(weir::type_tag<float>() == "f32");
    CHECK(weir::type_tag<std::string>() == "text");
    CHECK(weir::type_tag<weir::duration>() == "duration");
    CHECK(weir::type_tag<std::chrono::milliseconds>() == "duration<1/1000>");
    CHECK(weir::type_tag<std::chrono::sys_seconds>() == "time<1/1>");
    CHECK(weir::type_tag<level>() == "enum{low=1,high,top=9}");
    CHECK(weir::type_tag<hidden>() == "enum:i16");
    CHECK(weir::type_tag<std::vector<bool>>() == "list<bool>");
    CHECK(weir::type_tag<std::map<std::string, double>>() == "map<text,f64>");
    CHECK(weir::type_tag<std::set<int>>() == "set<i32>");
    CHECK(weir::type_tag<std::pair<int, std::tuple<own>>>() == "tuple<i32,tuple<own>>");
    CHECK(weir::type_tag<int[2][3]>() == "array<array<i32,3>,2>");
}

TEST_CASE("a schema is the names and tags of a record") {
    const weir::schema schema = weir::schema_of<payment>();
    CHECK(to_string(schema) ==
          "{card: u64, at: time, amount: optional<f64>, paint: enum{red,green}, three: array<f32,3>, "
          "place: struct{x:f64,y:f64}}");
    CHECK(schema == weir::schema_of<payment>());
    CHECK(to_string(weir::schema_of<int>()) == "{value: i32}");
}

TEST_CASE("a fingerprint is stable, and differs where schemas do") {
    // Pinned: a change would make every stored schema look foreign.
    CHECK(weir::fingerprint(weir::schema_of<point>()) == 0xf68b6be7d98a20eaU);
    const weir::schema empty;
    weir::schema one{{{"a", "b"}}};
    weir::schema shifted{{{"ab", ""}}};
    CHECK(fingerprint(empty) != fingerprint(one));
    CHECK(fingerprint(one) != fingerprint(shifted));
    weir::schema renamed = weir::schema_of<payment>();
    renamed.fields[0].name = "account";
    CHECK(fingerprint(renamed) != fingerprint(weir::schema_of<payment>()));
}

TEST_CASE("any record prints") {
    payment one;
    one.card = 7;
    one.at = weir::timestamp{std::chrono::seconds{1'704'067'200}};
    CHECK(weir::to_text(one) ==
          "{card: 7, at: 2024-01-01T00:00:00Z, amount: none, paint: red, three: [0, 0, 0], place: {x: 0, y: 0}}");
    one.amount = 1.5;
    one.paint = static_cast<color>(9);
    CHECK(weir::to_text(one).find("amount: 1.5, paint: 9") != std::string::npos);
    using namespace std::string_literals;
    CHECK(weir::to_text("a\"\\\n\x01"s) == R"("a\"\\\n\x01")");
    CHECK(weir::to_text("\xFF"s) == R"("\xff")");
    CHECK(weir::to_text("\xC3\xA4"s) == "\"\xC3\xA4\"");
    CHECK(weir::to_text(std::map<std::string, bool>{{"k", true}}) == R"({"k": true})");
    CHECK(weir::to_text(std::tuple<int, char, own>{1, 'x', {}}) == R"((1, "x", <own>))");
    CHECK(weir::to_text(std::vector<bool>{true, false}) == "[true, false]");
    CHECK(weir::to_text(weir::duration{1'500'000'000}) == "1500ms");
    CHECK(weir::to_text(std::chrono::minutes{3}) == "3*60s");
    CHECK(weir::to_text(hidden{3}) == "3");
    CHECK(weir::to_text(std::chrono::sys_seconds{}) == "1970-01-01T00:00:00Z");
    CHECK(weir::to_text(std::chrono::sys_seconds::max()) == "9223372036854775807s");
}

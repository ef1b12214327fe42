// SPDX-License-Identifier: Apache-2.0
// Records to lines of JSON. What is written is judged by Boost.JSON, which shares nothing with the encoder.
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <list>
#include <map>
#include <random>
#include <set>
#include <weir/record/json_encoder.hpp>

namespace {
using namespace std::string_literals;

enum class color : std::uint8_t { red, green };
BOOST_DESCRIBE_ENUM(color, red, green)

struct point {
    double lat = 0;
    std::optional<float> lon;
};
BOOST_DESCRIBE_STRUCT(point, (), (lat, lon))
struct nothing {};
BOOST_DESCRIBE_STRUCT(nothing, (), ())
struct leg {
    point from;
    std::vector<double> speeds;
};
BOOST_DESCRIBE_STRUCT(leg, (), (from, speeds))
struct trip {
    std::uint64_t card = 0;
    weir::timestamp at{};
    weir::duration took{};
    color paint = color::red;
    bool good = false;
    char letter = 'a';
    std::string note;
    std::optional<std::string> name;
    std::array<std::int8_t, 2> pair{};
    std::vector<leg> legs;
    std::map<std::string, double> amounts;
    nothing none;
};
BOOST_DESCRIBE_STRUCT(trip, (), (card, at, took, paint, good, letter, note, name, pair, legs, amounts, none))

// Writes itself.
struct money {
    std::int64_t cents = 0;
    void write_json(std::string& out) const { out += "{\"cents\":" + std::to_string(cents) + "}"; }
};
// Writes itself as a text.
struct label {
    std::string text;
    weir::text_error read_text(std::string_view field, const weir::text_options&) {
        text = field;
        return weir::text_error::none;
    }
    void write_text(std::string& out) const { out += text; }
};
// As another room would plug its own type in.
struct keyed_point {
    std::string key;
    point where;
    double sum = 0;
};
template <class T>
std::string line_of(const T& value, const weir::json_options& options = {}, std::vector<std::string> names = {}) {
    std::string out = "before\n";
    weir::json_encoder<T>(options, std::move(names)).append(out, value);
    REQUIRE(out.starts_with("before\n"));
    REQUIRE(out.ends_with('\n'));
    out.pop_back();
    return out.substr(7);
}
template <class T>
std::string value_of(const T& value, const weir::json_options& options = {}) {
    const std::string line = line_of(std::tuple<T>{value}, options);
    REQUIRE(line.starts_with("{\"0\":"));
    return line.substr(5, line.size() - 6);
}
template <class T>
std::string refusal(const T& value) {
    std::string out = "before\n";
    try {
        weir::json_encoder<T>().append(out, value);
    } catch (const weir::error& problem) {
        CHECK(problem.kind() == weir::error_kind::input);
        CHECK(out == "before\n");
        return problem.what();
    }
    return "not refused";
}

// Boost.JSON 1.81 does not round a number correctly; the digits are tested with text.hpp.
bool near(const boost::json::value& read, double written) {
    return std::abs(read.to_number<double>() - written) <= 1e-14 * std::abs(written);
}

}  // namespace

template <>
struct weir::json_row<keyed_point> {
    static void names(std::vector<std::string>& out) { out.insert(out.end(), {"key", "sum"}); }
    static void append(json_members& to, const keyed_point& value) {
        to.add(value.key);
        to.add_fields(value.where);
        to.add(value.sum);
    }
    static std::size_t field_columns() { return 2; }
};

TEST_CASE("a described struct is an object of its fields") {
    CHECK(line_of(trip{}) ==
          R"({"card":0,"at":"1970-01-01T00:00:00Z","took":"0s","paint":"red","good":false,"letter":"a","note":"",)"
          R"("name":null,"pair":[0,0],"legs":[],"amounts":{},"none":{}})");
    const trip one{18'446'744'073'709'551'615U,
                   weir::timestamp{weir::duration{1}},
                   std::chrono::minutes{5},
                   color::green,
                   true,
                   '"',
                   "say \"hi\"",
                   "n",
                   {-128, 127},
                   {{{-0.0, 0.1F}, {1, 1e300}}, {{1.5, {}}, {}}},
                   {{"a\n", 2}, {"b", 3}},
                   {}};
    CHECK(line_of(one) ==
          R"({"card":18446744073709551615,"at":"1970-01-01T00:00:00.000000001Z","took":"5m","paint":"green",)"
          R"("good":true,"letter":"\"","note":"say \"hi\"","name":"n","pair":[-128,127],)"
          R"("legs":[{"from":{"lat":0,"lon":0.1},"speeds":[1,1e+300]},{"from":{"lat":1.5,"lon":null},"speeds":[]}],)"
          R"("amounts":{"a\n":2,"b":3},"none":{}})");
    CHECK(line_of(nothing{}) == "{}");
}

TEST_CASE("values without a field around them") {
    CHECK(line_of(7) == R"({"value":7})");
    CHECK(line_of(std::vector<int>{1, 2}) == R"({"value":[1,2]})");
    CHECK(line_of(std::pair{1, "a"s}) == R"({"0":1,"1":"a"})");
    CHECK(line_of(std::pair{1, point{2, {}}}) == R"({"0":1,"1":{"lat":2,"lon":null}})");
    CHECK(line_of(std::tuple{}) == "{}");
    CHECK(value_of(std::tuple{1, std::tuple{}, 'x'}) == R"([1,[],"x"])");
    CHECK(value_of(std::vector<bool>{true, false}) == "[true,false]");
    CHECK(value_of(std::list<std::string>{"a", "b"}) == R"(["a","b"])");
    CHECK(value_of(std::set<int>{3, 1}) == "[1,3]");
    CHECK(value_of(std::map<int, point>{{2, {}}, {3, {}}}) == R"([[2,{"lat":0,"lon":null}],[3,{"lat":0,"lon":null}]])");
    CHECK(value_of(std::map<int, int>{}) == "[]");
    CHECK(value_of(std::optional<std::vector<int>>{}) == "null");
    CHECK(value_of(std::array<std::array<int, 2>, 2>{{{1, 2}, {3, 4}}}) == "[[1,2],[3,4]]");
    CHECK(value_of(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(value_of(weir::duration::min()) == "\"-9223372036854775808ns\"");
}

TEST_CASE("types that write themselves") {
    CHECK(line_of(money{5}) == R"({"cents":5})");
    CHECK(value_of(std::optional<money>{money{7}}) == R"({"cents":7})");
    CHECK(value_of(label{"plain"}) == "\"plain\"");
    CHECK(value_of(label{"say \"hi\"\n"}) == R"("say \"hi\"\n")");
    CHECK(value_of(std::vector<label>{{""}, {"b"}}) == R"(["","b"])");
    CHECK(refusal(std::tuple{1, label{"\xFF"}}) == "field '1': the text is not valid UTF-8");
    static_assert(weir::json_writable<trip> && weir::json_writable<money> && weir::json_writable<keyed_point>);
    static_assert(!weir::json_writable<std::unique_ptr<int>> && !weir::json_writable<std::vector<void*>>);
}

TEST_CASE("a type without description plugs in its members, with names given at run time") {
    const keyed_point one{"k", {1, 2}, 3};
    CHECK(line_of(one) == R"({"key":"k","lat":1,"lon":2,"sum":3})");
    CHECK(line_of(one, {}, {"lat", "lon", "ca\"rd", "total"}) == R"({"ca\"rd":"k","lat":1,"lon":2,"total":3})");
    CHECK_THROWS_WITH(line_of(one, {}, {"card", "sum"}), "2 column names were given for 4 columns");
    CHECK_THROWS_WITH(line_of(7, {}, {"\xFF"}), Catch::Contains("is not valid UTF-8"));
    CHECK(line_of(point{}, {}, {"x"}) == R"({"lat":0,"lon":null})");  // fields have names of their own
    CHECK_THROWS_AS(weir::json_encoder<int>({.max_line_bytes = 0}), weir::error);
}

TEST_CASE("text is escaped where it must be") {
    CHECK(value_of("\"\\\b\f\n\r\t"s) == R"("\"\\\b\f\n\r\t")");
    CHECK(value_of("a\x01\x1F\x7F\0b"s) == "\"a\\u0001\\u001f\x7F\\u0000b\"");
    CHECK(value_of("/\xC3\xA4\xF0\x9F\x98\x80"s) == "\"/\xC3\xA4\xF0\x9F\x98\x80\"");
    // One special character at each place of texts of all lengths around a block, and none.
    for (const std::size_t length : {0U, 1U, 7U, 8U, 9U, 15U, 16U, 17U, 31U, 503U, 504U, 505U, 1100U}) {
        const std::string plain(length, 'x');
        CHECK(value_of(plain) == "\"" + plain + "\"");
        for (std::size_t place = 0; place < length; place += length > 100 ? 13 : 1) {
            for (const char special : {'"', '\\', '\n', '\x1F', '\x01', '!', '#', '[', ']', '\x7F', ' '}) {
                std::string text = plain;
                text[place] = special;
                const auto back = boost::json::parse(value_of(text));
                CHECK(std::string_view{back.as_string()} == text);
            }
            std::string text = plain;
            text[place] = '\xC3';
            CHECK(refusal(std::tuple{text}) == "field '0': the text is not valid UTF-8");
        }
    }
}

TEST_CASE("what JSON cannot hold is refused by the name of its field") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    trip one;
    one.legs.resize(3);
    one.legs[2].speeds = {1, 2, nan};
    CHECK(refusal(one) ==
          "field 'legs.2.speeds.2': nan is no number of JSON: json_options::allow_nan writes it as text");
    one.legs[0].from.lon = -std::numeric_limits<float>::infinity();
    CHECK(refusal(one) ==
          "field 'legs.0.from.lon': an infinity is no number of JSON: json_options::allow_nan writes it as text");
    one.note = "quotes \"{[,:\\\" and \xFF";
    CHECK(refusal(one) == "field 'note': the text is not valid UTF-8");
    one.letter = '\xE4';
    CHECK(refusal(one) == "field 'letter': the text is not valid UTF-8");
    one.paint = static_cast<color>(9);
    CHECK(refusal(one) == "field 'paint': the value has no name in its enum");
    trip other;
    other.note = "\"a\":{[\\";
    other.amounts = {{"}],\"", 1}, {"b", nan}};
    CHECK(refusal(other).starts_with("field 'amounts.b': nan is"));
    other.amounts = {{"a", 1}, {"\xFF", 1}};
    CHECK(refusal(other) == "field 'amounts': the text is not valid UTF-8");
    CHECK(refusal(nan).starts_with("field 'value': nan"));
    CHECK(value_of(nan, {.allow_nan = true}) == "\"nan\"");
    CHECK(value_of(std::vector{infinity, -infinity}, {.allow_nan = true}) == R"(["inf","-inf"])");
}

TEST_CASE("Boost.JSON reads what is written") {
    std::mt19937_64 random(3);
    const weir::json_encoder<trip> encoder;
    for (int i = 0; i < 2000; ++i) {
        trip one;
        one.card = random();
        one.paint = random() % 2 == 0 ? color::red : color::green;
        one.letter = static_cast<char>(random() % 128);
        for (auto length = random() % 40; length != 0; --length) {
            const auto pick = random() % 16;
            one.note += pick < 4 ? std::string(1, static_cast<char>(random() % 128)) : pick < 5 ? "\xC3\xA4" : "x";
        }
        one.legs.resize(random() % 4);
        for (leg& each : one.legs) {
            each.from.lat = std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 400) - 200);
            if (random() % 2 == 0) each.from.lon = static_cast<float>(random() % 1000) / 8;
            each.speeds.assign(random() % 50, static_cast<double>(random() % 10'000) / 100);
        }
        std::string line;
        encoder.append(line, one);
        CHECK(std::count(line.begin(), line.end(), '\n') == 1);
        const auto back = boost::json::parse(line).as_object();
        CHECK(back.at("card").to_number<std::uint64_t>() == one.card);
        CHECK(std::string_view{back.at("paint").as_string()} == weir::enum_name(one.paint));
        CHECK(std::string_view{back.at("letter").as_string()} == std::string_view{&one.letter, 1});
        CHECK(std::string_view{back.at("note").as_string()} == one.note);
        const auto& legs = back.at("legs").as_array();
        REQUIRE(legs.size() == one.legs.size());
        for (std::size_t leg = 0; leg < legs.size(); ++leg) {
            const auto& from = legs[leg].at("from");
            CHECK(near(from.at("lat"), one.legs[leg].from.lat));
            CHECK(from.at("lon").is_null() == !one.legs[leg].from.lon.has_value());
            if (one.legs[leg].from.lon) CHECK(from.at("lon").to_number<float>() == *one.legs[leg].from.lon);
            const auto& speeds = legs[leg].at("speeds").as_array();
            REQUIRE(speeds.size() == one.legs[leg].speeds.size());
            for (std::size_t j = 0; j < speeds.size(); ++j) CHECK(near(speeds[j], one.legs[leg].speeds[j]));
        }
    }
}

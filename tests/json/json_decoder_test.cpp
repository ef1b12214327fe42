// SPDX-License-Identifier: Apache-2.0
// Good lines of JSON: what is read, in whatever pieces; and what was written is read back.
#include <catch2/catch.hpp>
#include <boost/json.hpp>
#include <deque>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <weir/json/json_decoder.hpp>

#include "json/support.hpp"

namespace {
using namespace std::string_literals;

enum class color { red, green };
BOOST_DESCRIBE_ENUM(color, red, green)

struct place {
    double lat = 0;
    std::optional<float> lon;
    friend bool operator==(const place&, const place&) = default;
};
BOOST_DESCRIBE_STRUCT(place, (), (lat, lon))

// As it stands in the file, checked by nobody but weir.
struct raw_json {
    std::string json = "null";
    void write_json(std::string& out) const { out += json; }
    weir::text_error read_json(std::string_view text) {
        if (text == "\"refused\"") return weir::text_error::unknown_name;
        json = text;
        return weir::text_error::none;
    }
    friend bool operator==(const raw_json&, const raw_json&) = default;
};
struct label {
    std::string text;
    weir::text_error read_text(std::string_view field, const weir::text_options&) {
        text = field;
        return weir::text_error::none;
    }
    void write_text(std::string& out) const { out += text; }
    friend bool operator==(const label&, const label&) = default;
};

struct everything {
    std::uint64_t card = 0;
    std::int8_t grade = 0;
    double amount = 0;
    weir::timestamp at{};
    weir::duration took{};
    color paint = color::red;
    bool good = false;
    char letter = 'a';
    std::string note;
    std::optional<std::string> name;
    std::array<std::int16_t, 2> pair{};
    std::tuple<int, std::string> both;
    std::vector<place> places;
    std::deque<bool> flags;
    std::map<std::string, std::vector<double>> amounts;
    std::map<int, int> counts;
    std::set<std::string> tags;
    place where;
    std::optional<place> last;
    raw_json raw;
    label own;
    friend bool operator==(const everything&, const everything&) = default;
};
BOOST_DESCRIBE_STRUCT(everything, (), (card, grade, amount, at, took, paint, good, letter, note, name, pair, both,
                                       places, flags, amounts, counts, tags, where, last, raw, own))

struct small {
    std::uint32_t id = 0;
    std::string note = "unset";
    std::optional<int> extra = 5;
    friend bool operator==(const small&, const small&) = default;
};
BOOST_DESCRIBE_STRUCT(small, (), (id, note, extra))
template <class V>
struct one_field {
    V value{};
    friend bool operator==(const one_field&, const one_field&) = default;
    BOOST_DESCRIBE_CLASS(one_field, (), (value), (), ())
};

template <class V>
V value_of(std::string_view json, const weir::json_options& options = {}) {
    const auto seen = json_test::decode<one_field<V>>("{\"value\":" + std::string{json} + "}\n", options);
    INFO(json);
    for (const auto& bad : seen.bad) FAIL(bad.sentence());
    REQUIRE(seen.good.size() == 1);
    return seen.good.front().value;
}

std::string some_text(std::mt19937_64& random) {
    static const std::array<std::string, 8> parts{"x", "plain text ", "\"", "\\", "\n", "\xC3\xA4", "\xF0\x9F\x98\x80",
                                                  "\x01"};
    std::string made;
    for (auto length = random() % 6; length != 0; --length) made += parts[random() % parts.size()];
    return made;
}
everything something(std::mt19937_64& random) {
    everything made;
    made.card = random();
    made.grade = static_cast<std::int8_t>(random());
    made.amount = static_cast<double>(random() % 100'000) / 100 * (random() % 3 == 0 ? 1e-20 : 1);
    made.at = weir::timestamp{weir::duration{static_cast<std::int64_t>(random() >> 1U)}};
    made.took = weir::duration{static_cast<std::int64_t>(random() % 1000) * 1'000'000};
    made.paint = static_cast<color>(random() % 2);
    made.good = random() % 2 == 0;
    made.letter = static_cast<char>(random() % 128);
    made.note = some_text(random);
    if (random() % 2 == 0) made.name = some_text(random);
    made.pair = {static_cast<std::int16_t>(random()), static_cast<std::int16_t>(random())};
    made.both = {static_cast<int>(random()), some_text(random)};
    made.places.resize(random() % 4);
    for (place& each : made.places) each = {-static_cast<double>(random() % 90), 0.5F};
    for (auto count = random() % 4; count != 0; --count) {
        made.flags.push_back(random() % 2 == 0);
        made.amounts[some_text(random)].assign(random() % 3, 0.1);
        made.counts[static_cast<int>(random())] = static_cast<int>(random());
        made.tags.insert(some_text(random));
    }
    made.where = {static_cast<double>(random()) / 7, {}};
    if (random() % 2 == 0) made.last = place{1e300, -0.25F};
    if (random() % 2 == 0) made.raw.json = R"([1,{"a":"]}\"","b":[]},null,true])";
    made.own.text = some_text(random);
    return made;
}

}  // namespace

TEST_CASE("what is written is read back, in whatever pieces it comes") {
    std::mt19937_64 random(11);
    std::vector<everything> made;
    std::string text;
    const weir::json_encoder<everything> encoder;
    for (int i = 0; i < 400; ++i) {
        made.push_back(something(random));
        encoder.append(text, made.back());
    }
    const auto whole = json_test::decode<everything>(text);
    for (const auto& bad : whole.bad) FAIL(bad.sentence());
    CHECK(whole.good == made);
    for (const std::size_t piece : {1U, 7U, 1000U, 40'000U}) {
        for (const std::size_t at_once : {std::size_t{1}, std::size_t{3}, ~std::size_t{0}}) {
            const auto seen = json_test::decode_in_pieces<everything>(text, piece, at_once);
            CHECK(seen.bad.empty());
            CHECK(seen.good == made);
        }
    }
    // One bad line makes its neighbours be read exactly; that is the same.
    const std::size_t middle = text.find('\n', text.size() / 2) + 1;
    std::string broken = text;
    broken.insert(middle, "{\"note\":\"never closed\n");
    const auto seen = json_test::decode<everything>(broken);
    CHECK(seen.bad.size() == 1);
    CHECK(seen.good == made);
}

TEST_CASE("any JSON that says the same is read as the same") {
    std::mt19937_64 random(12);
    const weir::json_encoder<everything> encoder;
    // Boost.JSON writes what it read in its own way: other numbers, other escapes; members are shuffled, blanks and
    // unknown members put in.
    for (int i = 0; i < 200; ++i) {
        everything one = something(random);
        one.amount = 0.5;
        one.where.lat = 2;
        one.amounts.clear();
        one.raw.json = "null";
        std::string line;
        encoder.append(line, one);
        const auto object = boost::json::parse(line).as_object();
        std::vector<std::string> members;
        for (const auto& member : object) {
            members.push_back(boost::json::serialize(boost::json::string(member.key())) +
                              (i % 2 == 0 ? " : \t" : ":") + boost::json::serialize(member.value()));
        }
        members.push_back(R"("unknown":{"a":[1,-2.5e-3,{"b":"\u00e4]}"},[]],"c":{}})");
        members.push_back(R"("":null)");
        std::shuffle(members.begin(), members.end(), random);
        std::string shuffled = i % 3 == 0 ? " { " : "{";
        for (std::size_t m = 0; m < members.size(); ++m) {
            shuffled += (m == 0 ? "" : i % 2 == 0 ? " , " : ",") + members[m];
        }
        shuffled += i % 5 == 0 ? " } \t\r\n" : "}\n";
        const auto seen = json_test::decode<everything>(shuffled);
        INFO(shuffled);
        for (const auto& bad : seen.bad) FAIL(bad.sentence());
        REQUIRE(seen.good.size() == 1);
        CHECK(seen.good.front() == one);
    }
}

TEST_CASE("fields may be missing where they are optional, stand in any order, and be unknown") {
    using seen = std::vector<small>;
    CHECK(json_test::decode<small>(R"({"id":1,"note":"a","extra":2})" "\n").good == seen{{1, "a", 2}});
    CHECK(json_test::decode<small>(R"({"extra":null,"note":"a","id":1})" "\n").good == seen{{1, "a", {}}});
    CHECK(json_test::decode<small>(R"({"id":1,"note":"a"})" "\n").good == seen{{1, "a", 5}});
    CHECK(json_test::decode<small>(R"({"x":[{}],"id":1,"y":"\n","note":"a","z":-1e5})" "\n").good == seen{{1, "a", 5}});
    CHECK(json_test::decode<small>(R"({"i\u0064":1,"n\u006ft\u0065":"a"})" "\n").good == seen{{1, "a", 5}});
    CHECK(json_test::decode<one_field<std::optional<int>>>("{}\n { } \n").good.size() == 2);
}

TEST_CASE("numbers") {
    CHECK(value_of<std::uint64_t>("18446744073709551615") == 18'446'744'073'709'551'615U);
    CHECK(value_of<std::int64_t>("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
    CHECK(value_of<int>("-0") == 0);
    CHECK(value_of<double>("-0") == 0);
    CHECK(std::signbit(value_of<double>("-0.0")));
    CHECK(value_of<double>("0.1") == 0.1);
    CHECK(value_of<double>("1e5") == 1e5);
    CHECK(value_of<double>("-1.5E-3") == -1.5e-3);
    CHECK(value_of<double>("123456789012345678901234567890") == 123456789012345678901234567890.0);
    CHECK(value_of<double>("2.2250738585072014e-308") == 2.2250738585072014e-308);
    CHECK(value_of<float>(" 0.1 ") == 0.1F);
    CHECK(std::isnan(value_of<double>("\"nan\"", {.allow_nan = true})));
    CHECK(value_of<float>("\"-inf\"", {.allow_nan = true}) == -std::numeric_limits<float>::infinity());
    CHECK(value_of<double>("1.5", {.allow_nan = true}) == 1.5);
    std::mt19937_64 random(5);
    for (int i = 0; i < 20'000; ++i) {
        const auto bits = random();
        double value = 0;
        std::memcpy(&value, &bits, sizeof value);
        if (!std::isfinite(value)) continue;
        const double fixed = static_cast<double>(static_cast<std::int64_t>(bits)) / 1e9;
        const std::string text = i % 2 == 0 ? fmt::format("{}", value) : fmt::format("{:.{}f}", fixed, i % 20);
        CHECK(value_of<double>(text) == std::strtod(text.c_str(), nullptr));
    }
}

TEST_CASE("text") {
    CHECK(value_of<std::string>(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
    CHECK(value_of<std::string>(R"("\u0041\u00e4\u20AC\uD83D\ude00\u0000")") ==
          "A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\0"s);
    CHECK(value_of<std::string>("\"\"").empty());
    CHECK(value_of<std::string>("\"" + std::string(100'000, 'x') + "\"").size() == 100'000);
    CHECK(value_of<char>(R"("\u0041")") == 'A');
    CHECK(value_of<color>(R"("gr\u0065en")") == color::green);
    CHECK(value_of<weir::timestamp>("\"1970-01-01T00:00:01Z\"") == weir::timestamp{std::chrono::seconds{1}});
    CHECK(value_of<weir::timestamp>("1000") == weir::timestamp{std::chrono::seconds{1}});
    CHECK(value_of<weir::timestamp>("-5", {.epoch = weir::time_unit::seconds}) ==
          weir::timestamp{std::chrono::seconds{-5}});
    CHECK(value_of<weir::duration>("\"5m\"") == std::chrono::minutes{5});
    CHECK(value_of<label>("\"a\"").text == "a");
    CHECK(value_of<label>("1.50").text == "1.50");
    CHECK(value_of<label>("true").text == "true");
    CHECK(value_of<std::optional<label>>("null") == std::nullopt);
    CHECK(value_of<raw_json>(R"( "a\"b" )").json == R"("a\"b")");
    CHECK(value_of<raw_json>(R"([ 1 , {"a" : 2 } ] )").json == R"([ 1 , {"a" : 2 } ])");
    CHECK(value_of<std::vector<int>>("[ ]").empty());
}

TEST_CASE("lines, and what stands around them") {
    const std::string one = R"({"id":1,"note":"a"})";
    const auto ids = [](const std::string& text) {
        const auto seen = json_test::decode<small>(text);
        for (const auto& bad : seen.bad) FAIL(bad.sentence());
        for (std::size_t piece = 1; piece < text.size(); ++piece) {
            CHECK(json_test::decode_in_pieces<small>(text, piece, 1).good == seen.good);
        }
        return seen.good.size();
    };
    CHECK(ids("") == 0);
    CHECK(ids("\n") == 0);
    CHECK(ids("\xEF\xBB\xBF") == 0);
    CHECK(ids(one) == 1);
    CHECK(ids(one + "\n") == 1);
    CHECK(ids(one + "\n\n") == 1);
    CHECK(ids(one + "\r\n" + one + "\r\n") == 2);
    CHECK(ids(one + "\r\n" + one + "\r\n \t\r\n") == 2);
    CHECK(ids("\xEF\xBB\xBF" + one + "\n" + one) == 2);
    CHECK(ids("\xEF\xBB\xBF\r\n") == 0);
}

TEST_CASE("a line of any length is read where the options allow it") {
    std::string text = R"({"id":1,"note":"a"})" "\n" R"({"id":2,"note":")" + std::string(3'000'000, 'y') + "\"}\n" +
                       R"({"id":3,"note":"b"})" "\n";
    const auto seen = json_test::decode_in_pieces<small>(text, 100'000, ~std::size_t{0}, {.max_line_bytes = 1U << 22U});
    CHECK(seen.bad.empty());
    REQUIRE(seen.good.size() == 3);
    CHECK(seen.good[1].note.size() == 3'000'000);
    CHECK(seen.good[2].id == 3);
}

TEST_CASE("a decoder goes on where another one stood") {
    std::string text = "\xEF\xBB\xBF";
    for (int i = 0; i < 3000; ++i) text += "{\"id\":" + std::to_string(i) + ",\"note\":\"a\"}\nbad\n";
    weir::json_decoder<small> first("a");
    std::size_t good = 0;
    std::uint64_t last_line = 0;
    const auto on_record = [&good](small&& each) { CHECK(each.id == good++); };
    const auto on_bad = [&last_line](weir::bad_record&& bad) { last_line = bad.line; };
    const std::size_t used = first.decode(text, true, 1001, on_record, on_bad);
    weir::binary_writer writer;
    first.save(writer);
    weir::json_decoder<small> second("a");
    weir::binary_reader reader(writer.text());
    second.load(reader);
    CHECK(second.line() == 1002);
    CHECK(second.decode(std::string_view{text}.substr(used), true, ~std::size_t{0}, on_record, on_bad) ==
          text.size() - used);
    CHECK(good == 3000);
    CHECK(last_line == 6000);
    CHECK(second.records() == 3000);
    CHECK(second.bad_records() == 3000);
}

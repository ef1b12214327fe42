// SPDX-License-Identifier: Apache-2.0
// Reading bad lines of JSON: every one is reported with its place, and the lines around it are read.
#include <catch2/catch.hpp>
#include <boost/json.hpp>
#include <map>
#include <random>
#include <set>
#include <weir/json/json_decoder.hpp>

#include "json/support.hpp"

namespace {

enum class color { red, green };
BOOST_DESCRIBE_ENUM(color, red, green)
struct place {
    double lat = 0;
    double lon = 0;
};
BOOST_DESCRIBE_STRUCT(place, (), (lat, lon))
struct payment {
    std::uint32_t card = 0;
    std::optional<color> paint;
    std::optional<double> amount;
    std::optional<std::string> note;
    std::optional<weir::timestamp> at;
    std::optional<weir::duration> took;
    std::optional<bool> good;
    std::optional<char> letter;
    std::optional<place> where;
    std::vector<place> legs;
    std::optional<std::array<int, 2>> pair;
    std::map<std::string, int> counts;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, paint, amount, note, at, took, good, letter, where, legs, pair, counts))

// Each required field as it should be.
std::string line_with(const std::string& member) {
    return R"({"card":3,"legs":[],"counts":{})" + (member.empty() ? "" : "," + member) + "}";
}

// One bad line between two good ones, many good ones before: the same however the text is cut.
weir::bad_record bad_line(const std::string& line, const weir::json_options& options = {}) {
    const std::string good = line_with("") + "\n";
    const std::string text = good + line + "\n" + good;
    const auto seen = json_test::decode<payment>(text, options);
    INFO(line);
    CHECK(seen.good.size() == 2);
    REQUIRE(seen.bad.size() == 1);
    CHECK(seen.bad.front().source == "live.jsonl");
    CHECK(seen.bad.front().line == 2);
    for (const std::size_t piece : {1U, 2U, 13U}) {
        CHECK(json_test::decode_in_pieces<payment>(text, piece, 1, options).bad == seen.bad);
    }
    // The last line has no line feed.
    const auto last = json_test::decode<payment>(good + line, options);
    if (line.find_first_not_of(" \t\r") != std::string::npos) CHECK(last.bad == seen.bad);
    return seen.bad.front();
}
std::string sentence_of(const std::string& line, const weir::json_options& options = {}) {
    return bad_line(line, options).sentence();
}
// Of a wrong member behind three good ones; the column is that in the member.
std::string about(const std::string& member, const weir::json_options& options = {}) {
    const std::string sentence = sentence_of(line_with(member), options);
    const std::string beginning = "live.jsonl:2:";
    REQUIRE(sentence.starts_with(beginning));
    const auto column = std::stoul(sentence.substr(beginning.size()));
    return std::to_string(column - line_with("").size()) + sentence.substr(sentence.find(": "));
}

}  // namespace

TEST_CASE("a bad field is named with its place and its text") {
    const weir::bad_record bad = bad_line(line_with(R"("amount":"abc")"));
    CHECK(bad.column == 42);
    CHECK(bad.field == "amount");
    CHECK(bad.text == "\"abc\"");
    CHECK(bad.raw == line_with(R"("amount":"abc")"));
    CHECK(bad.reason == "is a text, but a number is needed");
    CHECK(bad.sentence() == "live.jsonl:2:42: field 'amount': \"\\\"abc\\\"\" is a text, but a number is needed");

    CHECK(sentence_of(R"({"card":4294967296,"legs":[],"counts":{}})") ==
          "live.jsonl:2:9: field 'card': \"4294967296\" is out of range");
    CHECK(sentence_of(R"({"card":-1,"legs":[],"counts":{}})") ==
          "live.jsonl:2:9: field 'card': \"-1\" is out of range");
    CHECK(sentence_of(R"({"card":1.0,"legs":[],"counts":{}})") ==
          "live.jsonl:2:9: field 'card': \"1.0\" is not a whole number");
    CHECK(sentence_of(R"({"card":1e2,"legs":[],"counts":{}})") ==
          "live.jsonl:2:9: field 'card': \"1e2\" is not a whole number");
    CHECK(sentence_of(R"({"card":null,"legs":[],"counts":{}})") ==
          "live.jsonl:2:9: field 'card': \"null\" is null, but a whole number is needed");
    CHECK(about(R"("paint":"pink")") == "10: field 'paint': \"pink\" is not a known name");
    CHECK(about(R"("paint":"p\u0069nk")") == "10: field 'paint': \"pink\" is not a known name");
    CHECK(about("\"paint\":\"\",\"x\":\"\xFF\"") == "10: field 'paint': \"\" is not a known name");
    CHECK(about(R"("paint":1)") == "9: field 'paint': \"1\" is a number, but a text is needed");
    CHECK(about(R"("amount":1e999)") == "10: field 'amount': \"1e999\" is out of range");
    CHECK(about(R"("amount":{"a":1})") == "10: field 'amount': \"{\" is an object, but a number is needed");
    CHECK(about(R"("note":[1])") == "8: field 'note': \"[\" is a list, but a text is needed");
    CHECK(about(R"("at":"yesterday")") ==
          "7: field 'at': \"yesterday\" is neither an RFC 3339 time nor a whole number");
    CHECK(about(R"("at":1.5)") == "6: field 'at': \"1.5\" is neither an RFC 3339 time nor a whole number");
    CHECK(about(R"("at":99999999999999999)") == "6: field 'at': \"99999999999999999\" is out of range");
    CHECK(about(R"("at":true)") == "6: field 'at': \"true\" is true or false, but a time is needed");
    CHECK(about(R"("took":5)") == "8: field 'took': \"5\" is a number, but a text is needed");
    CHECK(about(R"("took":"5")") == "9: field 'took': \"5\" is not a duration such as 5m (ns, us, ms, s, m, h, d)");
    CHECK(about(R"("good":1)") == "8: field 'good': \"1\" is a number, but true or false is needed");
    CHECK(about(R"("letter":"ab")") == "11: field 'letter': \"ab\" is not one ASCII character");
    CHECK(about(R"("where":{"lat":1,"lon":"x"})") ==
          "24: field 'where.lon': \"\\\"x\\\"\" is a text, but a number is needed");
    CHECK(about(R"("where":3)") == "9: field 'where': \"3\" is a number, but an object is needed");
    CHECK(about(R"("pair":[1])") == "8: field 'pair': \"[1]\" is a list of 1 items, but 2 are needed");
    CHECK(about(R"("pair":[1,2,{"a":3}])") ==
          "8: field 'pair': \"[1,2,{\\\"a\\\":3}]\" is a list of 3 items, but 2 are needed");
    CHECK(sentence_of(R"({"card":1,"legs":[{"lat":1,"lon":1},{"lat":1,"lon":"x"}],"counts":{}})") ==
          "live.jsonl:2:52: field 'legs.1.lon': \"\\\"x\\\"\" is a text, but a number is needed");
    CHECK(sentence_of(R"({"card":1,"legs":[],"counts":{"a":1,"b":"2"}})") ==
          "live.jsonl:2:41: field 'counts.b': \"\\\"2\\\"\" is a text, but a whole number is needed");
}

TEST_CASE("missing fields, and fields that appear twice") {
    CHECK(sentence_of(R"({"card":1,"legs":[]})") ==
          "live.jsonl:2:1: field 'counts': \"{\\\"card\\\":1,\\\"legs\\\":[]}\" is an object without this field");
    CHECK(bad_line("{}").field == "card");
    CHECK(about(R"("where":{"lon":2})") == "9: field 'where.lat': \"{\\\"lon\\\":2}\" is an object without this field");
    CHECK(about(R"("where":{"lat":2})").find("'where.lon'") != std::string::npos);
    CHECK(about(R"("note":"a","note":"b")") == "12: field 'note': \"\\\"note\\\"\" appears twice");
    CHECK(about(R"("card":4)") == "1: field 'card': \"\\\"card\\\"\" appears twice");
    CHECK(about(R"("\u0063ard":4)").find("field 'card'") != std::string::npos);
    CHECK(sentence_of(R"({"card":1,"legs":[],"counts":{"a":1,"a":2}})") ==
          "live.jsonl:2:37: field 'counts.a': \"\\\"a\\\"\" appears twice");
}

TEST_CASE("numbers that JSON does not know") {
    for (const char* wrong : {"01", "-01", "+1", ".5", "-.5", "5.", "5.e1", "1e", "1e+", "0x10", "1_0", "12x", "--1",
                              "-", "1.2.3", "Infinity", "nan", "NaN", "1,", "00", "-00.5", "1e5.5", "1\\u0030"}) {
        const weir::bad_record bad = bad_line(line_with("\"amount\":" + std::string{wrong}));
        INFO(bad.sentence());
        CHECK(bad.column >= 41);
    }
    CHECK(about(R"("amount":12x)") == "10: field 'amount': \"12x\" is not a number");
    CHECK(about(R"("amount":nan)") == "10: field 'amount': \"nan\" stands where a value should");
    CHECK(about(R"("amount":"nan")") == "10: field 'amount': \"\\\"nan\\\"\" is a text, but a number is needed");
    CHECK(about(R"("amount":"Nan")", {.allow_nan = true}) ==
          "11: field 'amount': \"Nan\" is a text, but a number, \"nan\", \"inf\" or \"-inf\" is needed");
    CHECK(about(R"("unknown":01)") == "11: field 'unknown': \"01\" is not a number");
}

TEST_CASE("lines that are no JSON") {
    CHECK(sentence_of("bad") == "live.jsonl:2:1: the line \"bad\" is no JSON: \"bad\" stands where a value should");
    CHECK(sentence_of("[1]") ==
          "live.jsonl:2:1: the line \"[1]\" is no record: \"[\" is a list, but an object is needed");
    CHECK(bad_line("{").reason == "is no JSON: it ends where a name in quotes should stand");
    CHECK(bad_line(R"({"card")").reason == "is no JSON: it ends where a colon should stand");
    CHECK(bad_line(R"({"card":)").sentence() ==
          "live.jsonl:2:9: field 'card': \"\" is missing: the line ends where a value should stand");
    CHECK(bad_line(R"({"card":1)").reason == "is no JSON: it ends where a comma or } should stand");
    CHECK(bad_line(R"({"card":1,)").reason == "is no JSON: it ends where a name in quotes should stand");
    CHECK(bad_line(R"({"card":1,})").reason == "is no JSON: \"}\" stands where a name in quotes should");
    CHECK(bad_line(R"({,"card":1})").reason == "is no JSON: \",\" stands where a name in quotes should");
    CHECK(bad_line(R"({"card" 1})").reason == "is no JSON: \"1\" stands where a colon should");
    CHECK(bad_line(R"({"card":1 "legs":[]})").reason ==
          "is no JSON: \"\\\"legs\\\"\" stands where a comma or } should");
    CHECK(bad_line(R"({card:1})").reason == "is no JSON: \"card\" stands where a name in quotes should");
    CHECK(bad_line(line_with("") + "x").reason == "is no JSON: \"x\" stands where the end of the line should");
    CHECK(bad_line(line_with("") + line_with("")).reason ==
          "is no JSON: \"{\" stands where the end of the line should");
    CHECK(bad_line(line_with("") + ",").column == 33);
    CHECK(bad_line(line_with(R"("note":"a"b)")).reason == "is no JSON: \"b\" stands where a comma or } should");
    CHECK(bad_line(line_with(R"("note":"a""b")")).reason ==
          "is no JSON: \"\\\"b\\\"\" stands where a comma or } should");
    CHECK(about(R"("good":truex)") == "8: field 'good': \"truex\" stands where a value should");
    CHECK(about(R"("good":tru)") == "8: field 'good': \"tru\" stands where a value should");
    CHECK(about(R"("note":nulll)") == "8: field 'note': \"nulll\" stands where a value should");
    CHECK(about(R"("x":[1,{"a":}])") == "13: field 'x': \"}\" stands where a value should");
    CHECK(about(R"("x":[1}])") == "7: field 'x': \"}\" stands where a comma or ] should");
    CHECK(about("\"x\":[1\f,2]").find("field 'x'") != std::string::npos);
    CHECK(about("\"x\":1\x1A").ends_with("is no JSON: \"\\x1a\" stands where a comma or } should"));
    CHECK(about("\"x\":" + std::string(2000, '[')).find("is nested more than 1000 deep") != std::string::npos);
    CHECK(bad_line("").reason == "is blank");
    CHECK(bad_line(" \t\r").reason == "is blank");
    // An object over several lines is as many bad lines.
    const auto seen = json_test::decode<payment>("{\"card\":1,\n\"legs\":[],\"counts\":{}}\n" + line_with("") + "\n");
    CHECK(seen.bad.size() == 2);
    CHECK(seen.good.size() == 1);
}

TEST_CASE("texts that are not closed, hold control characters, wrong escapes, or no UTF-8") {
    CHECK(about("\"note\":\"abc") == "8: field 'note': \"\\\"abc}\" has a quote that is never closed");
    CHECK(about("\"note\":\"a\\\"") == "8: field 'note': \"\\\"a\\\\\\\"}\" has a quote that is never closed");
    CHECK(about("\"note\":\"a\tb\"") ==
          "8: field 'note': \"\\\"a\\tb\\\"\" holds a control character, which JSON must escape");
    CHECK(about("\"where\":{\"lat\":1,\"lon\":\"x}").starts_with("24: field 'where.lon'"));
    CHECK(about("\"note\":\"\\x\"") == "9: field 'note': \"\\\\x\" holds an escape that JSON does not know");
    CHECK(about("\"note\":\"\\u12g4\"").ends_with("holds an escape \\u without four hexadecimal digits"));
    CHECK(about("\"note\":\"\\uD800\"").ends_with("without its other half"));
    CHECK(about("\"note\":\"\\uD800\\u0041\"").ends_with("without its other half"));
    CHECK(about("\"note\":\"\\uDC00\"").ends_with("without its other half"));
    CHECK(about("\"note\":\"a\xFFz\"") == "9: field 'note': \"a\\xffz\" is not valid UTF-8");
    CHECK(about("\"note\":\"\xC3\"").ends_with("is not valid UTF-8"));
    CHECK(about("\"x\":[\"\xED\xA0\x80\"]").ends_with("is not valid UTF-8"));
    CHECK(bad_line(line_with("\"\xFF\":1")).reason.find("is not valid UTF-8") != std::string::npos);
    CHECK(bad_line(line_with("") + "\xFF").reason.find("stands where the end of the line should") != std::string::npos);
}

TEST_CASE("a line that is too long is refused, however it comes, and the next ones are read") {
    const std::string good = line_with("") + "\n";
    const weir::json_options options{.max_line_bytes = 40};
    for (const std::size_t length : {41U, 100U, 5000U}) {
        const std::string text = good + std::string(length, 'x') + "\n" + good;
        const auto whole = json_test::decode<payment>(text, options);
        REQUIRE(whole.bad.size() == 1);
        CHECK(whole.bad.front().reason ==
              "is longer than 40 bytes, the limit that json_options::max_line_bytes sets");
        CHECK(whole.bad.front().raw == std::string(40, 'x'));
        CHECK(whole.good.size() == 2);
        for (const std::size_t piece : {1U, 7U, 64U}) {
            const auto seen = json_test::decode_in_pieces<payment>(text, piece, 1, options);
            CHECK(seen.bad == whole.bad);
            CHECK(seen.good.size() == 2);
        }
    }
    // CR is no part of the line.
    const std::string fits = line_with("\"x\":123");
    REQUIRE(fits.size() == 40);
    CHECK(json_test::decode_in_pieces<payment>(fits + "\r\n", 1, 1, options).bad.empty());
    CHECK(json_test::decode_in_pieces<payment>(fits + " \r\n", 1, 1, options).bad.size() == 1);
}

TEST_CASE("what Boost.JSON refuses is refused, and what it reads is read") {
    // Good lines with bytes exchanged, left out and put in. Boost.JSON says whether it is JSON, weir what is in it.
    std::mt19937_64 random(21);
    const std::string start = R"({"card":3,"paint":"red","amount":-1.5e3,"note":"a\u00e4\n","good":true,"where":)"
                              R"({"lat":1,"lon":0.25},"legs":[{"lat":1,"lon":2}],"counts":{"a":1},"x":[1,null,{}]})";
    static const std::string bytes = "{}[]\",:\\ 019-+.eEtrufalsn\t\x01\xC3\xA4";
    int read = 0;
    for (int i = 0; i < 30'000; ++i) {
        std::string line = start;
        for (auto edits = 1 + random() % 2; edits != 0; --edits) {
            const std::size_t place = random() % line.size();
            const char byte = bytes[random() % bytes.size()];
            switch (random() % 3) {
                case 0: line[place] = byte; break;
                case 1: line.erase(place, 1); break;
                default: line.insert(place, 1, byte);
            }
        }
        boost::json::error_code wrong;
        const auto value = boost::json::parse(line, wrong);
        const auto seen = json_test::decode<payment>(line + "\n");
        INFO(line);
        REQUIRE(seen.good.size() + seen.bad.size() == 1);
        if (!seen.bad.empty()) {
            CHECK(!seen.bad.front().reason.empty());
            CHECK(seen.bad.front().column >= 1);
            CHECK(seen.bad.front().column <= line.size() + 1);
        } else {
            ++read;
            REQUIRE(!wrong);
            CHECK(value.at("card").to_number<std::uint32_t>() == seen.good.front().card);
        }
        const bool says_not_json = !seen.bad.empty() && seen.bad.front().reason.find("is no JSON") == 0;
        if (says_not_json) CHECK(wrong);
    }
    CHECK(read > 1000);
}

TEST_CASE("whoever does not take a bad line meets it again, and everything before and behind it") {
    weir::json_options options;
    options.max_line_bytes = 200;
    std::string text;
    for (const std::string& bad : {line_with("\"good\":7"), std::string{"{\"card\":"}, std::string{},
                                   std::string(300, 'x'), std::string{"{\"card\":\"\x01\"}"}}) {
        for (int i = 0; i < 70; ++i) text += line_with("") + "\n";
        text += bad + "\n";
    }
    text += line_with("");
    const auto whole = json_test::decode<payment>(text, options);
    REQUIRE(whole.bad.size() == 5);
    weir::json_decoder<payment> decoder("live.jsonl", options);
    std::size_t good = 0;
    std::vector<weir::bad_record> bad;
    bool taking = false;
    std::size_t refused = 0;
    std::size_t used = 0;
    while (used != text.size()) {
        // Each is refused once, and taken the next time.
        used += decoder.decode(
            std::string_view{text}.substr(used), true, 1000, [&](payment&&) { ++good; },
            [&](weir::bad_record&& met) {
                CHECK(met == whole.bad[bad.size()]);
                if (!std::exchange(taking, !taking)) return ++refused, false;
                bad.push_back(std::move(met));
                return true;
            });
    }
    CHECK(good == whole.good.size());
    CHECK(bad == whole.bad);
    CHECK(refused == 5);
    CHECK(decoder.bad_records() == 5);
}

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <random>
#include <weir/record/csv.hpp>

namespace {

struct point {
    double x = 0;
    std::optional<double> y;
    friend bool operator==(const point&, const point&) = default;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

struct payment {
    std::uint64_t card = 0;
    weir::timestamp at{};
    std::string note;
    std::array<point, 2> places{};
    std::optional<std::int8_t> grade;
    friend bool operator==(const payment&, const payment&) = default;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, at, note, places, grade))

// Reads and writes itself.
struct label {
    std::string text;
    weir::text_error read_text(std::string_view field, const weir::text_options&) {
        text = field;
        return weir::text_error::none;
    }
    void write_text(std::string& out) const { out += text; }
};

// As another room would plug its own type in.
template <class Key, class... Result>
struct keyed_result {
    Key key;
    std::tuple<Result...> results;
};

template <class T>
std::string header_of(const weir::csv_encoder<T>& encoder) {
    std::string out;
    encoder.append_header(out);
    return out;
}

template <class T>
std::string row_of(const T& value, const weir::csv_options& options = {}) {
    std::string out;
    weir::csv_encoder<T>(options).append(out, value);
    return out;
}

}  // namespace

template <class Key, class... Result>
struct weir::csv_row<keyed_result<Key, Result...>> {
    static void names(std::vector<std::string>& out, std::string_view prefix) {
        weir::csv_row<Key>::names(out, prefix.empty() ? "key" : prefix);
        weir::csv_row<std::tuple<Result...>>::names(out, prefix);
    }
    static void append(std::string& out, const keyed_result<Key, Result...>& value, char separator) {
        weir::append_csv_parts(out, separator, value.key, value.results);
    }
};

TEST_CASE("the header names the columns") {
    CHECK(header_of(weir::csv_encoder<payment>()) ==
          "card,at,note,places.0.x,places.0.y,places.1.x,places.1.y,grade\n");
    CHECK(header_of(weir::csv_encoder<std::pair<int, point>>()) == "0,1.x,1.y\n");
    CHECK(header_of(weir::csv_encoder<double>()) == "value\n");
    CHECK(header_of(weir::csv_encoder<point>({}, {"a,b", "c"})) == "\"a,b\",c\n");
    CHECK_THROWS_AS(weir::csv_encoder<point>({}, {"a"}), weir::error);
}

TEST_CASE("fields are in quotes only where they must be") {
    payment one;
    one.card = 7;
    one.note = "plain text";
    one.places[1].y = -0.0;
    CHECK(row_of(one) == "7,1970-01-01T00:00:00Z,plain text,0,,0,0,\n");
    using namespace std::string_literals;
    CHECK(row_of("a,b"s) == "\"a,b\"\n");
    CHECK(row_of("a,b"s, {.separator = ';'}) == "a,b\n");
    CHECK(row_of("a;b"s, {.separator = ';'}) == "\"a;b\"\n");
    CHECK(row_of("say \"hi\""s) == "\"say \"\"hi\"\"\"\n");
    CHECK(row_of("a\nb"s) == "\"a\nb\"\n");
    CHECK(row_of("a\rb"s) == "\"a\rb\"\n");
    CHECK(row_of("'  '"s) == "'  '\n");
    CHECK(row_of(std::optional<std::string>{}) == "\n");
    CHECK(row_of(std::tuple<std::string, label, label>{"a,b", {"plain"}, {"say \"c,d\""}}) ==
          "\"a,b\",plain,\"say \"\"c,d\"\"\"\n");
    CHECK(row_of(std::tuple<int, std::optional<label>, float>{-1, label{"x;y"}, 0.1F}, {.separator = ';'}) ==
          "-1;\"x;y\";0.1\n");
    CHECK(row_of(std::tuple<bool, std::optional<point>, char>{true, {}, ','}) == "true,,,\",\"\n");
}

TEST_CASE("a type without description plugs in its columns, with names given at run time") {
    using row = keyed_result<std::string, std::uint64_t, double>;
    const weir::csv_encoder<row> plain;
    CHECK(header_of(plain) == "key,0,1\n");
    const weir::csv_encoder<row> named({}, {"card", "count", "sum_amount"});
    CHECK(header_of(named) == "card,count,sum_amount\n");
    std::string out;
    named.append(out, {"a,b", {3, 1.5}});
    CHECK(out == "\"a,b\",3,1.5\n");
    // Also as a part of another row.
    CHECK(row_of(std::tuple<row, int>{{"k", {1, 2}}, 9}) == "k,1,2,9\n");
}

TEST_CASE("what is written is read back") {
    std::mt19937_64 random(3);
    std::vector<payment> payments(300);
    const weir::csv_encoder<payment> encoder;
    std::string text = header_of(encoder);
    for (payment& one : payments) {
        one.card = random();
        one.at = weir::timestamp{weir::duration{static_cast<std::int64_t>(random())}};
        for (auto length = random() % 12; length != 0; --length) one.note += "ab,\"\n\r; \xC3\xA4"[random() % 8];
        if (random() % 2 == 0) one.grade = static_cast<std::int8_t>(random());
        one.places[0].x = static_cast<double>(random()) / 7;
        if (random() % 2 == 0) one.places[1].y = 1e-300 * static_cast<double>(random());
        encoder.append(text, one);
    }
    std::vector<payment> back;
    weir::csv_decoder<payment> decoder("memory");
    (void)decoder.decode(
        text, true, text.size(), [&back](payment&& one) { back.push_back(std::move(one)); },
        [](weir::bad_record&& bad) { FAIL(bad.sentence()); });
    CHECK(back == payments);
}

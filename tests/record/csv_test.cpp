// SPDX-License-Identifier: Apache-2.0
// Reading good CSV: header, columns, quotes, line ends, pieces. Bad input is csv_bad_test.cpp's.
#include <catch2/catch.hpp>
#include <weir/record/binary.hpp>
#include <weir/record/csv_decoder.hpp>
#include <weir/record/print.hpp>

namespace {

enum class color { red, green };
BOOST_DESCRIBE_ENUM(color, red, green)

struct payment {
    std::uint64_t card = 0;
    std::string merchant;
    double amount = 0;
    std::optional<double> lat;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, merchant, amount, lat))

struct point {
    double x = 0;
    std::optional<double> y;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

struct wide {
    weir::timestamp at{};
    point from;
    std::array<point, 2> to{};
    std::tuple<int, bool> flags;
    color paint = color::red;
    int raw[2] = {0, 0};
};
BOOST_DESCRIBE_STRUCT(wide, (), (at, from, to, flags, paint, raw))

struct word {
    std::string text;
};
BOOST_DESCRIBE_STRUCT(word, (), (text))

struct outcome {
    std::vector<std::string> records;
    std::vector<std::string> bad;
    friend bool operator==(const outcome&, const outcome&) = default;
};

// Hands the text over cut at the given places, as a reader with a buffer would.
template <class T>
outcome decode_in_pieces(std::string_view text, std::span<const std::size_t> cuts, std::size_t max_records = 1000,
                         const weir::csv_options& options = {}) {
    outcome seen;
    weir::csv_decoder<T> decoder("test.csv", options);
    std::size_t used = 0;
    for (std::size_t piece = 0; piece <= cuts.size(); ++piece) {
        const bool last = piece == cuts.size();
        const std::size_t end = last ? text.size() : cuts[piece];
        for (;;) {
            const std::size_t step = decoder.decode(
                text.substr(used, end - used), last, max_records,
                [&seen](T&& record) { seen.records.push_back(weir::to_text(record)); },
                [&seen](weir::bad_record&& bad) { seen.bad.push_back(bad.sentence()); });
            used += step;
            if (step == 0 || used == end) break;
        }
    }
    CHECK(used == text.size());
    CHECK(decoder.records() == seen.records.size());
    CHECK(decoder.bad_records() == seen.bad.size());
    return seen;
}

template <class T>
outcome decode(std::string_view text, const weir::csv_options& options = {}) {
    return decode_in_pieces<T>(text, {}, 1000, options);
}

template <class T>
std::vector<std::string> good(std::string_view text, const weir::csv_options& options = {}) {
    const outcome seen = decode<T>(text, options);
    INFO((seen.bad.empty() ? std::string{} : seen.bad.front()));
    CHECK(seen.bad.empty());
    return seen.records;
}

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("columns are found by name, others are ignored, optional ones may be absent") {
    CHECK(good<payment>("card,merchant,amount\n7,shop,1.5\n") ==
          lines{R"({card: 7, merchant: "shop", amount: 1.5, lat: none})"});
    CHECK(good<payment>("x,amount,lat,merchant,y,card,z\n?,1.5,2,shop,,7,\n,0,,,\"\",8,\"a,b\"") ==
          lines{R"({card: 7, merchant: "shop", amount: 1.5, lat: 2})",
                R"({card: 8, merchant: "", amount: 0, lat: none})"});
    CHECK(good<payment>("card,merchant,amount\n").empty());
    CHECK(good<payment>("card,merchant,amount").empty());
}

TEST_CASE("nested structs, arrays and tuples are flat columns") {
    CHECK(good<wide>("at,from.x,from.y,to.0.x,to.1.x,to.1.y,flags.0,flags.1,paint,raw.0,raw.1\n"
                     "1704067200000,1,,2,3,4,5,true,green,6,7\n") ==
          lines{"{at: 2024-01-01T00:00:00Z, from: {x: 1, y: none}, to: [{x: 2, y: none}, {x: 3, y: 4}], "
                "flags: (5, true), paint: green, raw: [6, 7]}"});
}

TEST_CASE("byte order marks, CRLF, a missing last line end and a last empty line are fine") {
    const lines both{R"({card: 7, merchant: "a", amount: 1, lat: none})",
                     R"({card: 8, merchant: "b", amount: 2, lat: none})"};
    CHECK(good<payment>("card,merchant,amount\n7,a,1\n8,b,2\n") == both);
    CHECK(good<payment>("\xEF\xBB\xBF" "card,merchant,amount\n7,a,1\n8,b,2") == both);
    CHECK(good<payment>("\xEF\xBB\xBF\"card\",merchant,amount\r\n7,a,1\r\n8,b,2\r\n") == both);
    CHECK(good<payment>("card,merchant,amount\r\n7,\"a\",1\r\n8,b,\"2\"\r\n\r\n") == both);
    CHECK(good<payment>("card,amount,merchant\r\n7,1,a\r\n8,2,b\r") == both);
    CHECK(good<payment>("card,merchant,amount\n7,a,1\n8,b,2\n\n") == both);
}

TEST_CASE("quotes are those of RFC 4180") {
    CHECK(good<payment>("card,merchant,amount\n7,\"a,b\",1\n\"8\",\"say \"\"hi\"\"\",\"2\"\n9,\"two\r\nlines\",3\n"
                        "10,\"\"\"\",4\n") ==
          lines{R"({card: 7, merchant: "a,b", amount: 1, lat: none})",
                R"({card: 8, merchant: "say \"hi\"", amount: 2, lat: none})",
                R"({card: 9, merchant: "two\x0d\nlines", amount: 3, lat: none})",
                R"({card: 10, merchant: "\"", amount: 4, lat: none})"});
    CHECK(good<payment>("\"card\",\"merchant\",\"amount\",\"odd\n\"\"name\"\"\"\n7,a,1,x\n").size() == 1);
}

TEST_CASE("a file of one column may have empty fields") {
    CHECK(good<word>("text\na\n\n\"\"\n\nb\n") ==
          lines{R"({text: "a"})", R"({text: ""})", R"({text: ""})", R"({text: ""})", R"({text: "b"})"});
    CHECK(good<word>("text\n\n") == lines{R"({text: ""})"});
}

TEST_CASE("separator and epoch unit can be chosen") {
    CHECK(good<payment>("card;merchant;amount\n7;a,b;1\n", {.separator = ';'}).size() == 1);
    CHECK(good<payment>("card\tmerchant\tamount\n7\ta b\t1\n", {.separator = '\t'}).size() == 1);
    for (const char wrong : {'a', '1', '"', '\n', '\r', '.', '-', '+', ':', '_', '\0', '\x80'}) {
        CHECK_THROWS_AS(weir::csv_decoder<payment>("x", {.separator = wrong}), weir::error);
    }
    const auto seconds = good<wide>(
        "at,from.x,to.0.x,to.1.x,flags.0,flags.1,paint,raw.0,raw.1\n1704067200,1,2,3,5,1,red,6,7\n",
        {.epoch = weir::time_unit::seconds});
    CHECK(seconds.at(0).starts_with("{at: 2024-01-01T00:00:00Z"));
}

TEST_CASE("the pieces in which a file arrives do not matter") {
    const std::string text =
        "\xEF\xBB\xBF" "card,merchant,amount,\"extra\n\"\r\n7,a,1,x\r\n8,\"b,\"\"b\"\"\nb\",2,y\n9,c,bad,z\n\n10,d,4,\n"
        "11,\"open,5,\n12,e\"e,6,\n13,\"f\"f,7,\n14,g,8\n15,h,9,,\n16,i,10,\"last\"\n\n";
    const outcome whole = decode<payment>(text);
    CHECK(whole.records.size() == 4);
    CHECK(whole.bad.size() == 7);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        INFO(cut);
        const std::size_t cuts[] = {cut};
        REQUIRE(decode_in_pieces<payment>(text, cuts) == whole);
        REQUIRE(decode_in_pieces<payment>(text, cuts, 1) == whole);
    }
    std::vector<std::size_t> every(text.size());
    for (std::size_t i = 0; i < every.size(); ++i) every[i] = i;
    CHECK(decode_in_pieces<payment>(text, every) == whole);
}

TEST_CASE("a decoder goes on where another stopped") {
    const std::string text = "id,card,merchant,amount\n1,7,\"a\na\",1\n2,8,b,2\n3,bad,c,3\n4,9,d,x\n";
    const outcome whole = decode<payment>(text);
    REQUIRE(whole.records.size() == 2);
    REQUIRE(whole.bad.back().starts_with("test.csv:6:7: "));
    for (std::size_t stop_after = 0; stop_after <= 4; ++stop_after) {
        outcome seen;
        const auto on_record = [&seen](payment&& record) { seen.records.push_back(weir::to_text(record)); };
        const auto on_bad = [&seen](weir::bad_record&& bad) { seen.bad.push_back(bad.sentence()); };
        weir::csv_decoder<payment> before("test.csv");
        const std::size_t used = before.decode(text, false, stop_after, on_record, on_bad);
        weir::binary_writer writer;
        before.save(writer);

        weir::csv_decoder<payment> after("test.csv");
        weir::binary_reader reader(writer.bytes());
        after.load(reader);
        reader.expect_end();
        CHECK(after.line() == before.line());
        after.decode(std::string_view(text).substr(used), true, 1000, on_record, on_bad);
        CHECK(seen == whole);
        CHECK(after.records() == 2);
        CHECK(after.bad_records() == 2);
        CHECK(after.header() == lines{"id", "card", "merchant", "amount"});
    }
}

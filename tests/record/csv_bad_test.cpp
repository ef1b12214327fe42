// SPDX-License-Identifier: Apache-2.0
// Reading bad CSV: every broken line is reported with its place, and the lines around it are read.
#include <catch2/catch.hpp>
#include <weir/record/csv_decoder.hpp>

namespace {

enum class color { red, green };
BOOST_DESCRIBE_ENUM(color, red, green)

struct payment {
    std::uint32_t card = 0;
    color paint = color::red;
    double amount = 0;
    std::string note;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, paint, amount, note))

struct outcome {
    std::vector<std::uint32_t> cards;
    std::vector<weir::bad_record> bad;
};

outcome decode(std::string_view text, const weir::csv_options& options = {}) {
    outcome seen;
    weir::csv_decoder<payment> decoder("live.csv", options);
    const std::size_t used = decoder.decode(
        text, true, 1'000'000, [&seen](payment&& record) { seen.cards.push_back(record.card); },
        [&seen](weir::bad_record&& bad) { seen.bad.push_back(std::move(bad)); });
    CHECK(used == text.size());
    return seen;
}

// One bad line between two good ones.
weir::bad_record bad_line(std::string_view line, const weir::csv_options& options = {}) {
    const outcome seen = decode("card,paint,amount,note\n1,red,1,a\n" + std::string(line) + "\n2,red,1,a\n", options);
    INFO(line);
    CHECK(seen.cards == std::vector<std::uint32_t>{1, 2});
    REQUIRE(seen.bad.size() == 1);
    CHECK(seen.bad.front().source == "live.csv");
    CHECK(seen.bad.front().line == 3);
    return seen.bad.front();
}

std::string header_error(std::string_view text, const weir::csv_options& options = {}) {
    try {
        (void)decode(text, options);
    } catch (const weir::error& problem) {
        CHECK(problem.kind() == weir::error_kind::input);
        return problem.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("a bad field is named with its place and its text") {
    const weir::bad_record bad = bad_line("3,red,abc,a");
    CHECK(bad.column == 7);
    CHECK(bad.field == "amount");
    CHECK(bad.text == "abc");
    CHECK(bad.raw == "3,red,abc,a");
    CHECK(bad.reason == "is not a number");
    CHECK(bad.sentence() == "live.csv:3:7: field 'amount': \"abc\" is not a number");

    CHECK(bad_line("4294967296,red,1,a").reason == "is out of range");
    CHECK(bad_line("-1,red,1,a").reason == "is out of range");
    CHECK(bad_line("3,red,1e999,a").reason == "is out of range");
    CHECK(bad_line("3,red,NaN,a").reason == "is not a finite number");
    CHECK(bad_line("3,red,-inf,a").reason == "is not a finite number");
    CHECK(bad_line("3,pink,1,a").sentence() == "live.csv:3:3: field 'paint': \"pink\" is not a known name");
    CHECK(bad_line(",red,1,a").reason == "is empty, but a value is needed");
    CHECK(bad_line("3,red,\"1,5\",a").text == "1,5");
    CHECK(bad_line("3,red,1 ,a").reason == "is not a number");
    CHECK(bad_line("3,red,1,\xFFz").sentence() == "live.csv:3:9: field 'note': \"\\xffz\" is not valid UTF-8");
    CHECK(bad_line("3,red,1,\"\xFF\"").reason == "is not valid UTF-8");
}

TEST_CASE("NaN is read where it is allowed") {
    const outcome seen = decode("card,paint,amount,note\n1,red,nan,\n2,red,-Infinity,\n", {.allow_nan = true});
    CHECK(seen.bad.empty());
    CHECK(seen.cards.size() == 2);
}

TEST_CASE("lines with the wrong number of fields are bad") {
    CHECK(bad_line("3,red,1").sentence() ==
          "live.csv:3:8: the line \"3,red,1\" has 3 fields, but the header has 4");
    const weir::bad_record bad = bad_line("3,red,1,a,x,y");
    CHECK(bad.reason == "has 6 fields, but the header has 4");
    CHECK(bad.column == 11);
    CHECK(bad.field.empty());
    CHECK(bad_line("3,red,1,a,").reason == "has 5 fields, but the header has 4");
    CHECK(bad_line("\"3\"").reason == "has 1 fields, but the header has 4");
    CHECK(bad_line("").reason == "is empty");
    CHECK(bad_line("\r").reason == "is empty");
}

TEST_CASE("wrong quotes spoil their own line only") {
    CHECK(bad_line("3,red,1,a\"b").sentence() ==
          "live.csv:3:9: field 'note': \"a\\\"b\" has a quote in the middle: a field with quotes must be in quotes "
          "itself");
    CHECK(bad_line("3,red,1,\"a\"b").reason == "has text behind its closing quote");
    CHECK(bad_line("3,\"red,1,a").reason == "has an opening quote that is never closed");
    CHECK(bad_line("3,\"red,1,a").column == 3);
    // Even in a column nobody reads.
    const outcome ignored = decode("card,x,paint,amount,note\n1,a\"b,red,1,a\n2,\"\"c,red,1,a\n3,,red,1,a\n");
    CHECK(ignored.cards == std::vector<std::uint32_t>{3});
    CHECK(ignored.bad.size() == 2);
    CHECK(ignored.bad[0].field == "x");
}

TEST_CASE("lines are counted right across quoted line ends") {
    const outcome seen =
        decode("card,paint,amount,note\n1,red,1,\"two\nlines\"\n2,red,x,\"\n\n\"\n"
               "3,\"\n\",1,a\n4,red,1,\"\n\",5\n\n5,red,y,a\n");
    CHECK(seen.cards == std::vector<std::uint32_t>{1});
    REQUIRE(seen.bad.size() == 5);
    CHECK(seen.bad[0].line == 4);
    CHECK(seen.bad[0].raw == "2,red,x,\"\n\n\"");
    CHECK(seen.bad[1].line == 7);
    CHECK(seen.bad[1].text == "\n");
    CHECK(seen.bad[2].line == 10);
    CHECK(seen.bad[2].column == 3);
    CHECK(seen.bad[3].line == 11);
    CHECK(seen.bad[4].line == 12);
}

TEST_CASE("a header that does not fit is an error at once") {
    CHECK(header_error("") == "live.csv:1: the file is empty: its first line must be a header");
    CHECK(header_error("\xEF\xBB\xBF") == "live.csv:1: the file is empty: its first line must be a header");
    CHECK(header_error("\ncard\n") == "live.csv:1: the first line is blank: it must be a header");
    CHECK(header_error("card,paint,note\n") ==
          "live.csv:1: the column 'amount' is missing; the header has card, paint, note");
    CHECK(header_error("card,paint,amount,note,card\n") == "live.csv:1: the column 'card' appears twice");
    CHECK(header_error("card,\"paint\n1,red") ==
          "live.csv:1:6: the line \"\\\"paint\" has an opening quote that is never closed");
    CHECK(header_error("card,paint,amount,note\n", {.max_line_bytes = 10}) ==
          "live.csv:1: the header is longer than 10 bytes, the limit that csv_options::max_line_bytes sets");
    CHECK(decode("card,paint,amount,note,x,x\n1,red,1,a,,\n").cards.size() == 1);
}

TEST_CASE("sentences hold no control bytes, whatever files and columns are called") {
    CHECK(header_error("card,\x1b[2Jpaint,note\x7f\n") ==
          "live.csv:1: the column 'paint' is missing; the header has card, \\x1b[2Jpaint, note\\x7f");
    CHECK(header_error("card,\"pa\nint\",amount,note\n") ==
          "live.csv:1: the column 'paint' is missing; the header has card, pa\\nint, amount, note");
    weir::bad_record bad{"a\nb.csv", 3, 1, "c\x01" "ard", "x", "x", "is not a number"};
    CHECK(bad.sentence() == "a\\nb.csv:3:1: field 'c\\x01" "ard': \"x\" is not a number");
}

TEST_CASE("texts and lines are cut where they are shown") {
    const std::string long_text(1000, 'x');
    const weir::bad_record bad = bad_line("3,red," + long_text + ",a", {.max_raw_bytes = 300});
    CHECK(bad.text.size() == 200);
    CHECK(bad.raw.size() == 300);
}

TEST_CASE("a line is too long from one byte over the limit on") {
    const weir::csv_options options{.max_line_bytes = 40};
    const std::string exactly = "3,red,1," + std::string(32, 'x');
    CHECK(decode("card,paint,amount,note\n" + exactly + "\n", options).cards.size() == 1);
    CHECK(decode("card,paint,amount,note\n" + exactly, options).cards.size() == 1);
    CHECK(bad_line(exactly + "x", options).reason ==
          "is longer than 40 bytes, the limit that csv_options::max_line_bytes sets");
    CHECK(decode("card,paint,amount,note\r\n" + exactly + "\r\n" + exactly + "\r", options).cards.size() == 2);
    CHECK(bad_line(exactly + "x\r", options).text == exactly);
    CHECK(bad_line(exactly + "\rx", options).text == exactly);
    const std::string quoted_end = "3,red,1,\"" + std::string(30, 'x') + "\"";
    CHECK(decode("card,paint,amount,note\n" + quoted_end + "\r\n" + quoted_end + "\r", options).cards.size() == 2);
    CHECK(bad_line(quoted_end + "\rx", options).reason.find("longer than 40") != std::string::npos);
    const std::string quoted = "3,red,1,\"" + std::string(10, 'x') + "\n" + std::string(19, 'x') + "\"";
    CHECK(decode("card,paint,amount,note\n" + quoted + "\n", options).cards.size() == 1);
    const outcome over = decode("card,paint,amount,note\n3,red,1,\"x\nx\"\n4,red,1,\"" + std::string(10, 'x') + "\n" +
                                    std::string(40, 'x') + "\n5,red,1,a\n",
                                options);
    CHECK(over.cards == std::vector<std::uint32_t>{3, 5});
    REQUIRE(over.bad.size() == 2);
    CHECK(over.bad[0].reason ==
          "has an opening quote that is not closed within 40 bytes, the limit that csv_options::max_line_bytes sets");
    CHECK(over.bad[0].line == 4);
    CHECK(over.bad[1].line == 5);
}

TEST_CASE("what is said of a bad line does not depend on the pieces in which it comes") {
    const weir::csv_options options{.max_line_bytes = 40};
    const std::string header = "card,paint,amount,note\n";
    for (const std::string& body :
         {std::string(70, 'x') + "\r\n1,red,1," + std::string(32, 'y') + "\r\n3,red,1,a\n",
          std::string{"1,red,1,\"two\nlines\" and text behind\n3,red,1,a\n"},
          "1,red,1,\"two\nlines\"" + std::string(70, 'x') + "\n3,red,1,a\n",
          std::string{"1,\"r\ned\",1,x\"y and more\n3,red,1,a\n"},
          "3,red,1,\"never\nclosed" + std::string(70, 'x')}) {
        const std::string text = header + body;
        const outcome whole = decode(text, options);
        for (std::size_t cut = 1; cut < text.size(); ++cut) {
            weir::csv_decoder<payment> decoder("live.csv", options);
            outcome seen;
            const auto on_record = [&seen](payment&& record) { seen.cards.push_back(record.card); };
            const auto on_bad = [&seen](weir::bad_record&& bad) { seen.bad.push_back(std::move(bad)); };
            const std::string_view all = text;
            const std::size_t used = decoder.decode(all.substr(0, cut), false, 10, on_record, on_bad);
            static_cast<void>(decoder.decode(all.substr(used), true, 10, on_record, on_bad));
            INFO(body << " cut at " << cut);
            CHECK(seen.cards == whole.cards);
            CHECK(seen.bad == whole.bad);
        }
    }
}

TEST_CASE("a line of 100 MB is an error, not a hundred megabytes of memory") {
    constexpr std::size_t block_bytes = 1U << 16U;
    weir::csv_decoder<payment> decoder("live.csv");
    std::vector<std::uint32_t> cards;
    std::vector<weir::bad_record> bad;
    std::string buffer;
    std::size_t most_held = 0;
    const auto feed = [&](std::string_view piece, bool last) {
        buffer += piece;
        most_held = std::max(most_held, buffer.size());
        const std::size_t used = decoder.decode(
            buffer, last, 1'000'000, [&](payment&& record) { cards.push_back(record.card); },
            [&](weir::bad_record&& wrong) { bad.push_back(std::move(wrong)); });
        buffer.erase(0, used);
    };
    feed("card,paint,amount,note\n1,red,1,a\n2,red,1,", false);
    const std::string block(block_bytes, 'x');
    for (std::size_t sent = 0; sent < 100'000'000; sent += block_bytes) feed(block, false);
    feed("\n3,red,1,a\n", true);
    CHECK(buffer.empty());
    CHECK(cards == std::vector<std::uint32_t>{1, 3});
    REQUIRE(bad.size() == 1);
    CHECK(bad.front().line == 3);
    CHECK(bad.front().raw.size() <= 4096);
    CHECK(most_held < (2U << 20U));
    CHECK(decoder.line() == 5);
}

TEST_CASE("whoever does not take a bad record meets it again, and everything before and behind it") {
    weir::csv_options options;
    options.max_line_bytes = 60;
    const std::string text = "card,paint,amount,note\n1,red,1,a\nx,red,1,a\n2,red,1\n\n3,red,1,\"open\" text\n"
                             "4,red,1,a\n" +
                             std::string(100, 'x') +
                             "\n\"5\",\"red\",1,\"two\nlines\"\n6,\"blue\",1,a\n7,red,1,a\n";
    const outcome whole = decode(text, options);
    REQUIRE(whole.bad.size() == 6);
    weir::csv_decoder<payment> decoder("live.csv", options);
    outcome seen;
    bool taking = false;
    std::size_t used = 0;
    std::size_t refused = 0;
    while (used != text.size()) {
        // Each is refused once, and taken the next time.
        used += decoder.decode(
            std::string_view{text}.substr(used), true, 1000,
            [&](payment&& record) { seen.cards.push_back(record.card); },
            [&](weir::bad_record&& bad) {
                CHECK(bad == whole.bad[seen.bad.size()]);
                if (!std::exchange(taking, !taking)) return ++refused, false;
                seen.bad.push_back(std::move(bad));
                return true;
            });
        CHECK(decoder.bad_records() == seen.bad.size());
    }
    CHECK(seen.cards == whole.cards);
    CHECK(seen.bad == whole.bad);
    CHECK(refused == 6);
}

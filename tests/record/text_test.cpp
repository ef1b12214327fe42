// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <charconv>
#include <fmt/format.h>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <weir/record/text.hpp>

namespace {

using weir::text_error;

enum class color { red, green };
BOOST_DESCRIBE_ENUM(color, red, green)

template <class T>
std::string written(const T& value) {
    std::string out;
    weir::append_field(out, value);
    return out;
}

template <class T>
text_error error_of(std::string_view text, const weir::text_options& options = {}) {
    T value{};
    return weir::parse_field(text, value, options);
}

template <class T>
T read(std::string_view text, const weir::text_options& options = {}) {
    T value{};
    INFO(text);
    REQUIRE(weir::parse_field(text, value, options) == text_error::none);
    return value;
}

weir::timestamp at(std::int64_t nanoseconds) { return weir::timestamp{weir::duration{nanoseconds}}; }

}  // namespace

TEST_CASE("whole numbers are read whole, or refused") {
    CHECK(read<std::uint64_t>("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
    CHECK(read<std::int8_t>("-128") == -128);
    CHECK(error_of<std::uint64_t>("18446744073709551616") == text_error::out_of_range);
    CHECK(error_of<std::int8_t>("128") == text_error::out_of_range);
    CHECK(error_of<std::uint32_t>("-1") == text_error::out_of_range);
    CHECK(error_of<int>("1.5") == text_error::not_a_whole_number);
    CHECK(error_of<int>("1e3") == text_error::not_a_whole_number);
    for (const auto* wrong : {"12x", " 1", "1 ", "+1", "-", "0x10", "--1"}) {
        INFO(wrong);
        CHECK(error_of<int>(wrong) == text_error::not_a_number);
    }
    CHECK(error_of<int>("") == text_error::empty);
    int kept = 5;
    CHECK(weir::parse_field("9x", kept) != text_error::none);
    CHECK(kept == 5);
}

TEST_CASE("doubles are read whole, and only finite ones unless asked") {
    CHECK(read<double>("-1.5e3") == -1500);
    CHECK(std::signbit(read<double>("-0")));
    CHECK(error_of<double>("1e999") == text_error::out_of_range);
    CHECK(error_of<float>("1e39") == text_error::out_of_range);
    CHECK(error_of<double>("") == text_error::empty);
    for (const auto* wrong : {"abc", "1,5", "1.5 ", "1e", "1.2.3", "-"}) {
        INFO(wrong);
        CHECK(error_of<double>(wrong) == text_error::not_a_number);
    }
    for (const auto* stray : {"nan", "NaN", "-nan", "inf", "-Infinity"}) {
        INFO(stray);
        CHECK(error_of<double>(stray) == text_error::not_finite);
        CHECK_FALSE(std::isfinite(read<double>(stray, {.allow_nan = true})));
    }
    CHECK(error_of<double>("1e999", {.allow_nan = true}) == text_error::out_of_range);
}

namespace {

// The quick scans and std::from_chars: where the number ends, and all its bits.
template <class T> void check_scan(std::string_view text) {
    const char* const first = text.data();
    const char* const last = first + text.size();
    T expected{};
    const auto [end, code] = std::from_chars(first, last, expected);
    bool is_number = code == std::errc{};
    if constexpr (std::is_floating_point_v<T>) is_number = is_number && std::isfinite(expected);
    T scanned{};
    const char* const stop = weir::detail::scan_number(first, last, scanned);
    const bool same = is_number ? stop == end && std::memcmp(&scanned, &expected, sizeof(T)) == 0 : stop == nullptr;
    if (same) return;
    INFO(text << " as a type of " << sizeof(T) << " bytes");
    CHECK(same);
}
void check_scans(std::string_view text) {
    check_scan<std::int8_t>(text), check_scan<std::uint8_t>(text);
    check_scan<std::int32_t>(text), check_scan<std::uint32_t>(text);
    check_scan<std::int64_t>(text), check_scan<std::uint64_t>(text);
    check_scan<float>(text), check_scan<double>(text);
}

}  // namespace

TEST_CASE("numbers are scanned as std::from_chars reads them, to the bit") {
    for (const auto* text :
         {"", "-", "+1", ".", "-.", ".5", "5.", "-5.", "5.,", "1.2.3", "1e", "1e5", "1e+", "1E-3,", "1.5e300", "1e999",
          "-0", "-0.0", "0.1", "00012", "12345678", "123456789", "12345678,", "1234567,", "-1234567890123", "12a45678",
          "1234567/", "1234567:", "127", "128", "-128", "-129", "255", "256", "2147483647", "-2147483648", "4294967296",
          "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
          "18446744073709551615", "18446744073709551616", "000000000000000000000000000001", "0.000000000000001",
          "123456789012345", "1234567890123456", "0.1234567890123456", "12345678901234.5", "999999999999999.9",
          "9007199254740993", "9007199254740992.5", "16777217", "1677721.7", "nan", "inf", "-inf", "infinity", "--1",
          "- 1", " 1", "1 ", "0x10", "1_000", "1234567\xff", "\xff\xff\xff\xff\xff\xff\xff\xff", "1234\0005678"}) {
        check_scans(text);
    }
    std::mt19937_64 random(17);
    constexpr std::string_view bytes = "0123456789012345678901234567890123456789..--e+,\xfa:/";
    for (int i = 0; i < 200'000; ++i) {
        std::string text;
        for (std::uint64_t left = random() % 24; left > 0; --left) text += bytes[random() % bytes.size()];
        check_scans(text);
        check_scans(fmt::format("{:.{}f},x", static_cast<double>(random() % 10'000'000) / 977, random() % 12));
        check_scans(std::to_string(random() >> random() % 64));
    }
}

TEST_CASE("doubles are written as short as they can be read back") {
    CHECK(written(0.0) == "0");
    CHECK(written(-0.0) == "0");
    CHECK(written(-0.0F) == "0");
    CHECK(written(1.0) == "1");
    CHECK(written(0.1) == "0.1");
    CHECK(written(1e16) == "1e+16");
    CHECK(written(1e-5) == "1e-05");
    CHECK(written(123456789.25) == "123456789.25");
    CHECK(written(0.1F) == "0.1");
    CHECK(written(-std::numeric_limits<double>::quiet_NaN()) == "nan");
    CHECK(written(-std::numeric_limits<double>::infinity()) == "-inf");
    CHECK(written(std::int8_t{-5}) == "-5");
    std::mt19937_64 random(1);
    for (int i = 0; i < 10'000; ++i) {
        double value = 0;
        const std::uint64_t bits = random();
        std::memcpy(&value, &bits, sizeof value);
        if (!std::isfinite(value)) continue;
        REQUIRE(read<double>(written(value)) == value);
    }
}

TEST_CASE("truth, characters, text and names") {
    CHECK(read<bool>("true"));
    CHECK(read<bool>("1"));
    CHECK_FALSE(read<bool>("false"));
    CHECK_FALSE(read<bool>("0"));
    CHECK(error_of<bool>("True") == text_error::not_a_truth_value);
    CHECK(error_of<bool>("") == text_error::empty);
    CHECK(written(true) == "true");
    CHECK(read<char>("x") == 'x');
    CHECK(error_of<char>("xy") == text_error::not_a_character);
    CHECK(read<std::string>("").empty());
    CHECK(read<std::string>("gr\xC3\xBC\xC3\x9F") == "gr\xC3\xBC\xC3\x9F");
    CHECK(error_of<std::string>("long enough text \xFF") == text_error::invalid_utf8);
    CHECK(read<color>("green") == color::green);
    CHECK(error_of<color>("pink") == text_error::unknown_name);
    CHECK(written(color::red) == "red");
    CHECK(read<std::optional<double>>("") == std::nullopt);
    CHECK(read<std::optional<double>>("2") == 2.0);
    CHECK(error_of<std::optional<double>>("x") == text_error::not_a_number);
    CHECK(written(std::optional<int>{}).empty());
}

TEST_CASE("times are RFC 3339 or counts of a unit") {
    constexpr std::int64_t new_year = 1'704'067'200'000'000'000;
    CHECK(read<weir::timestamp>("2024-01-01T00:00:00Z") == at(new_year));
    CHECK(read<weir::timestamp>("2024-01-01 00:00:00.5z") == at(new_year + 500'000'000));
    CHECK(read<weir::timestamp>("2024-01-01T00:00:00.123456789Z") == at(new_year + 123'456'789));
    CHECK(read<weir::timestamp>("2024-01-01T00:00:00.12345678900Z") == at(new_year + 123'456'789));
    CHECK(read<weir::timestamp>("2024-01-01T01:30:00+01:30") == at(new_year));
    CHECK(read<weir::timestamp>("2023-12-31T19:00:00-05:00") == at(new_year));
    CHECK(read<weir::timestamp>("2024-02-29T00:00:00Z") > at(new_year));
    CHECK(read<weir::timestamp>("1969-12-31T23:59:59.999999999Z") == at(-1));
    CHECK(read<weir::timestamp>("1704067200000") == at(new_year));
    CHECK(read<weir::timestamp>("-1") == at(-1'000'000));
    CHECK(read<weir::timestamp>("1704067200", {.epoch = weir::time_unit::seconds}) == at(new_year));
    CHECK(read<weir::timestamp>("7", {.epoch = weir::time_unit::microseconds}) == at(7'000));
    CHECK(read<weir::timestamp>("7", {.epoch = weir::time_unit::nanoseconds}) == at(7));

    for (const auto* wrong :
         {"2024-01-01", "2024-01-01T00:00Z", "2024-1-1T00:00:00Z", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00Z ",
          "12.5", "now", "2024-01-01T00:00:00+0100", "2024-01-01X00:00:00Z"}) {
        INFO(wrong);
        CHECK(error_of<weir::timestamp>(wrong) == text_error::not_a_time);
    }
    for (const auto* outside :
         {"2024-02-30T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
          "2024-01-01T00:00:61Z", "2024-01-01T24:00:60Z", "2024-01-01T00:00:00+24:00", "9999-01-01T00:00:00Z",
          "1000-01-01T00:00:00Z", "9223372036855", "99999999999999999999"}) {
        INFO(outside);
        CHECK(error_of<weir::timestamp>(outside) == text_error::out_of_range);
    }
    CHECK(error_of<weir::timestamp>("2024-01-01T00:00:00.0000000001Z") == text_error::finer_than_nanosecond);
    CHECK(error_of<weir::timestamp>("2016-12-31T23:59:60Z") == text_error::leap_second);
    CHECK(error_of<weir::timestamp>("2024-01-01T00:00:00") == text_error::time_without_zone);
    CHECK(error_of<weir::timestamp>("") == text_error::empty);
}

TEST_CASE("times are written in UTC with as many digits as they need") {
    CHECK(written(at(0)) == "1970-01-01T00:00:00Z");
    CHECK(written(at(1'704'067'200'000'000'000)) == "2024-01-01T00:00:00Z");
    CHECK(written(at(500'000'000)) == "1970-01-01T00:00:00.500Z");
    CHECK(written(at(1'000)) == "1970-01-01T00:00:00.000001Z");
    CHECK(written(at(-1)) == "1969-12-31T23:59:59.999999999Z");
    CHECK(written(weir::time_lowest) == "1677-09-21T00:12:43.145224192Z");
    CHECK(written(weir::time_highest) == "2262-04-11T23:47:16.854775807Z");
    // The ends of the line are no times of a record; their neighbours are.
    CHECK(error_of<weir::timestamp>(written(weir::time_lowest)) == text_error::out_of_range);
    CHECK(error_of<weir::timestamp>(written(weir::time_highest)) == text_error::out_of_range);
    CHECK(read<weir::timestamp>(written(weir::time_lowest + weir::one_tick)) == weir::time_lowest + weir::one_tick);
    CHECK(read<weir::timestamp>(written(weir::time_highest - weir::one_tick)) == weir::time_highest - weir::one_tick);
    std::mt19937_64 random(2);
    for (int i = 0; i < 10'000; ++i) {
        const weir::timestamp some = at(static_cast<std::int64_t>(random()) / (i % 2 == 0 ? 1 : 1'000));
        REQUIRE(read<weir::timestamp>(written(some)) == some);
    }
}

TEST_CASE("durations are a whole number and a unit") {
    using namespace std::chrono_literals;
    CHECK(read<weir::duration>("90s") == 90s);
    CHECK(read<weir::duration>("7d") == 168h);
    CHECK(read<weir::duration>("-3ms") == -3ms);
    CHECK(read<weir::duration>("250us") == 250us);
    CHECK(written(weir::duration{0}) == "0s");
    CHECK(written(weir::duration{90s}) == "90s");
    CHECK(written(weir::duration{48h}) == "2d");
    CHECK(written(weir::duration{1500ms}) == "1500ms");
    for (const auto* wrong : {"90", "s", "1.5s", "1 s", "1w"}) {
        INFO(wrong);
        CHECK(error_of<weir::duration>(wrong) == text_error::not_a_duration);
    }
    CHECK(error_of<weir::duration>("999999d") == text_error::out_of_range);
    CHECK(error_of<weir::duration>("99999999999999999999s") == text_error::out_of_range);
}

TEST_CASE("UTF-8 is what RFC 3629 says") {
    using namespace std::string_literals;
    for (const auto& good : {""s, "plain"s, "\x7F"s, "\xC2\x80"s, "\xE0\xA0\x80"s, "\xED\x9F\xBF"s, "\xEE\x80\x80"s,
                             "\xF0\x90\x80\x80"s, "\xF4\x8F\xBF\xBF"s, "12345678\xC3\xA4"s, "\0"s}) {
        CHECK(weir::is_utf8(good));
    }
    for (const auto& wrong : {"\x80"s, "\xC0\x80"s, "\xC1\xBF"s, "\xC3"s, "\xE0\x9F\xBF"s, "\xED\xA0\x80"s,
                              "\xE2\x82"s, "\xF0\x8F\xBF\xBF"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFF"s,
                              "12345678\xC3"s, "\xE2\x28\xA1"s}) {
        CHECK_FALSE(weir::is_utf8(wrong));
    }
    CHECK(weir::cut_text("a\xC3\xA4", 2) == "a");
    CHECK(weir::cut_text("a\xC3\xA4", 3) == "a\xC3\xA4");
    CHECK(weir::cut_text("\x80\x80\x80\x80\x80\x80", 5).size() == 2);
}

TEST_CASE("every error has a sentence of its own") {
    std::vector<std::string_view> sentences;
    for (int i = 0; i <= static_cast<int>(text_error::invalid_utf8); ++i) {
        const auto sentence = weir::sentence(static_cast<text_error>(i));
        CHECK(std::find(sentences.begin(), sentences.end(), sentence) == sentences.end());
        sentences.push_back(sentence);
    }
}

TEST_CASE("doubles are written as fmt writes them, but for the sign of zero") {
    std::mt19937_64 random(20261120);
    const auto check = [](double value) {
        std::string text;
        weir::append_field(text, value);
        if (text != fmt::format("{}", value == 0 ? 0.0 : value)) {
            CAPTURE(text, value);
            REQUIRE(text == fmt::format("{}", value));
        }
    };
    for (const double value : {0.0, -0.0, 1e-4, 9.999e-5, 1e15, 9999999999999998.0, 1e16, 1e22, 5e-324, 1.7e308, 0.07,
                               0.29, -0.01, -12.5, 100.0, 1e13, 9999999999999.99,
                               1e12, 999999999999.999, 1000000000000.001, 0.001, 0.009, 1.25e-4, 4503599627370497.5}) {
        check(value);
        check(-value);
    }
    for (int i = 0; i < 300'000; ++i) {
        const double any = std::bit_cast<double>(random());
        if (std::isfinite(any)) check(any);
        const auto whole = static_cast<double>(static_cast<std::int64_t>(random()) >> (random() % 63));
        check(whole / 100);
        check(whole / 1000);
        check(whole / 3);
        check(whole * 0.01);
        check(whole * 0.001);
    }
}

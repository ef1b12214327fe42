// SPDX-License-Identifier: Apache-2.0
#include <weir/windows/calendar.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <limits>

#include <weir/base/error.hpp>
#include <weir/testing/seeded.hpp>

using namespace std::chrono_literals;
using weir::timestamp;

namespace {

using span = std::pair<timestamp, timestamp>;

span holding(const weir::calendar_windows& windows, timestamp at) {
    span found;
    int windows_seen = 0;
    windows.windows_of(0, at, [&](timestamp start, timestamp end) {
        found = {start, end};
        ++windows_seen;
    });
    REQUIRE(windows_seen == 1);
    return found;
}
timestamp utc(int year, unsigned month, unsigned day, std::chrono::seconds of_day = 0s) {
    return std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)} + of_day;
}

// The zone's clocks by the C library, which reads the zone's rules with its own code.
class c_library_clocks {
  public:
    explicit c_library_clocks(const char* zone) {
        ::setenv("TZ", zone, 1);
        ::tzset();
    }
    ~c_library_clocks() {
        ::unsetenv("TZ");
        ::tzset();
    }
    c_library_clocks(const c_library_clocks&) = delete;
    c_library_clocks& operator=(const c_library_clocks&) = delete;

    [[nodiscard]] std::tm at(std::int64_t second) const {
        const std::time_t when = second;
        std::tm shown{};
        ::localtime_r(&when, &shown);
        return shown;
    }
};

// Counts days, weeks or months, so that a later one has a larger number.
using number_of = std::function<std::int64_t(const std::tm&)>;

std::int64_t day_number(const std::tm& shown) {
    return std::chrono::sys_days{std::chrono::year{shown.tm_year + 1900} / (shown.tm_mon + 1) / shown.tm_mday}
        .time_since_epoch()
        .count();
}
std::int64_t month_number(const std::tm& shown) { return shown.tm_year * 12 + shown.tm_mon; }
number_of week_from(unsigned weekday) {
    // Day 0 was a Thursday.
    return [weekday](const std::tm& shown) { return (day_number(shown) + 4 - weekday + 700'000) / 7; };
}

// By definition, looking at every minute: the times at which the largest number shown so far is the same.
span by_minutes(const c_library_clocks& clocks, const number_of& number, std::int64_t second, std::int64_t days) {
    const std::int64_t minute = second - (second % 60 + 60) % 60;
    std::int64_t largest = std::numeric_limits<std::int64_t>::min();
    std::int64_t start = 0;
    for (std::int64_t each = minute - days * 86400;; each += 60) {
        const std::int64_t shown = number(clocks.at(each));
        if (shown <= largest) continue;
        if (each > minute) return {timestamp{std::chrono::seconds{start}}, timestamp{std::chrono::seconds{each}}};
        largest = shown;
        start = each;
    }
}

}  // namespace

TEST_CASE("days of a zone, also those with 23 and 25 hours", "[windows]") {
    const auto days = weir::daily("Europe/Berlin");
    CHECK(holding(days, utc(2026, 1, 15, 12h)) == span{utc(2026, 1, 14, 23h), utc(2026, 1, 15, 23h)});
    const span spring = holding(days, utc(2026, 3, 29, 12h));
    CHECK(spring == span{utc(2026, 3, 28, 23h), utc(2026, 3, 29, 22h)});
    CHECK(spring.second - spring.first == 23h);
    const span autumn = holding(days, utc(2026, 10, 25, 12h));
    CHECK(autumn == span{utc(2026, 10, 24, 22h), utc(2026, 10, 25, 23h)});
    CHECK(autumn.second - autumn.first == 25h);
    CHECK(holding(days, spring.first) == spring);
    CHECK(holding(days, spring.second - 1ns) == spring);
    CHECK(holding(days, spring.second).first == spring.second);
    CHECK(holding(days, spring.first - 1ns).second == spring.first);
}

TEST_CASE("midnights that are skipped, that come twice, and a day that was left out", "[windows]") {
    // Sao Paulo, 4 November 2018: 00:00 was 01:00.
    CHECK(holding(weir::daily("America/Sao_Paulo"), utc(2018, 11, 4, 12h)) ==
          span{utc(2018, 11, 4, 3h), utc(2018, 11, 5, 2h)});
    // St John's, 7 November 2010: at 00:01 it was 23:01 again. The day begins at the first midnight.
    const auto days = weir::daily("America/St_Johns");
    const span sunday = holding(days, utc(2010, 11, 7, 12h));
    CHECK(sunday == span{utc(2010, 11, 7, 2h + 30min), utc(2010, 11, 8, 3h + 30min)});
    CHECK(holding(days, utc(2010, 11, 7, 3h)) == sunday);  // 23:30 on the clocks, of the sixth
    CHECK(holding(days, utc(2010, 11, 7, 2h)).second == sunday.first);
    // Apia had no 30 December 2011.
    const auto apia = weir::daily("Pacific/Apia");
    const span before = holding(apia, utc(2011, 12, 30, 9h));
    CHECK(before == span{utc(2011, 12, 29, 10h), utc(2011, 12, 30, 10h)});
    CHECK(holding(apia, before.second) == span{utc(2011, 12, 30, 10h), utc(2011, 12, 31, 10h)});
}

TEST_CASE("weeks from a given weekday, and months", "[windows]") {
    const auto from_monday = weir::weekly("UTC", std::chrono::Monday);
    CHECK(holding(from_monday, utc(2026, 4, 1)) == span{utc(2026, 3, 30), utc(2026, 4, 6)});
    CHECK(holding(from_monday, utc(2026, 3, 30)).first == utc(2026, 3, 30));
    const auto from_sunday = weir::weekly("UTC", std::chrono::Sunday);
    CHECK(holding(from_sunday, utc(2026, 4, 1)) == span{utc(2026, 3, 29), utc(2026, 4, 5)});
    CHECK(holding(weir::monthly("UTC"), utc(2024, 2, 29, 23h)) == span{utc(2024, 2, 1), utc(2024, 3, 1)});
    CHECK(holding(weir::monthly("Asia/Kolkata"), utc(2025, 12, 31, 18h + 30min)).first ==
          utc(2025, 12, 31, 18h + 30min));
}

TEST_CASE("borders are where the C library's clocks show another day, week or month", "[windows]") {
    const auto* const zone = GENERATE("Europe/Berlin", "America/St_Johns", "America/Sao_Paulo", "Pacific/Apia",
                                      "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Gaza", "UTC");
    CAPTURE(zone);
    const c_library_clocks clocks(zone);
    weir::testing::seeded choose(7);
    const auto check = [&](const weir::calendar_windows& windows, const number_of& number, std::int64_t days,
                           int samples) {
        for (int i = 0; i < samples; ++i) {
            // 1975 to 2037, mostly a few days apart, so that the windows seen last are asked for again.
            static constexpr std::int64_t from = 157'766'400;
            const auto base = from + static_cast<std::int64_t>(choose.below(1'956'528'000));
            for (int near = 0; near < 3; ++near) {
                const auto second = base + static_cast<std::int64_t>(choose.below(4 * 86400));
                CAPTURE(second);
                REQUIRE(holding(windows, timestamp{std::chrono::seconds{second}}) ==
                        by_minutes(clocks, number, second, days));
            }
        }
    };
    check(weir::daily(zone), day_number, 3, 25);
    check(weir::weekly(zone, std::chrono::Monday), week_from(1), 9, 6);
    check(weir::weekly(zone, std::chrono::Saturday), week_from(6), 9, 6);
    check(weir::monthly(zone), month_number, 33, 3);
}

TEST_CASE("days follow each other without a gap, through every change of clocks", "[windows]") {
    const auto days = weir::daily(GENERATE("America/St_Johns", "Pacific/Apia", "Africa/Casablanca"));
    timestamp at = utc(1900, 1, 1);
    while (at < utc(2050, 1, 1)) {
        const auto [start, end] = holding(days, at);
        REQUIRE(start <= at);
        REQUIRE(at < end);
        REQUIRE((at == utc(1900, 1, 1) || start == at));
        REQUIRE(end - start > 12h);
        REQUIRE(end - start < 36h);
        at = end;
    }
}

TEST_CASE("a calendar ends with the time line", "[windows]") {
    for (const auto& windows : {weir::daily("Europe/Berlin"), weir::weekly("Europe/Berlin", std::chrono::Monday),
                                weir::monthly("Asia/Tokyo")}) {
        CHECK(holding(windows, weir::time_lowest + 1ns).first == weir::time_lowest);
        CHECK(holding(windows, weir::time_highest - 1ns).second == weir::time_highest);
        const span early = holding(windows, utc(1678, 1, 15));
        CHECK(early.first > weir::time_lowest);
        CHECK(early.second - early.first >= 24h);
        const span late = holding(windows, utc(2262, 2, 15));
        CHECK(late.second < weir::time_highest);
        CHECK(late.second - late.first >= 24h);
    }
}

TEST_CASE("zones that are none, and days that are none, are refused", "[windows]") {
    const std::string zone = GENERATE("", "Europe/Berlim", "Europe", "localtime", "libc:localtime", "/etc/localtime",
                                      "file:/etc/localtime", "../zoneinfo/UTC", "zone.tab");
    CAPTURE(zone);
    const auto refused = [](const std::function<void()>& make, const std::string& reason) {
        try {
            make();
            FAIL("not refused");
        } catch (const weir::error& failure) {
            CHECK(failure.kind() == weir::error_kind::configuration);
            CHECK_THAT(failure.what(), Catch::Contains(reason));
        }
    };
    refused([&] { static_cast<void>(weir::daily(zone)); }, "there is no time zone '" + zone + "'");
    refused([&] { static_cast<void>(weir::weekly(zone, std::chrono::Monday)); }, "there is no time zone");
    refused([&] { static_cast<void>(weir::monthly(zone)); }, "there is no time zone");
    refused([] { static_cast<void>(weir::weekly("UTC", std::chrono::weekday{9})); }, "no day of the week");
}

TEST_CASE("a calendar in words", "[windows]") {
    CHECK(weir::daily("Europe/Berlin").text() == "daily Europe/Berlin");
    CHECK(weir::weekly("UTC", std::chrono::Sunday).text() == "weekly Sunday UTC");
    CHECK(weir::monthly("Asia/Tokyo").text() == "monthly Asia/Tokyo");
}

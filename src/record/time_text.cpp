// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>

#include <weir/record/time_text.hpp>

namespace weir {

namespace {

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

// One or more decimal digits of fixed count, moved past; -1 if something else stands there.
int take_digits(const char*& next, const char* end, int count) {
    if (end - next < count) return -1;
    int value = 0;
    for (int i = 0; i < count; ++i, ++next) {
        const unsigned digit = static_cast<unsigned char>(*next) - static_cast<unsigned>('0');
        if (digit > 9) return -1;
        value = value * 10 + static_cast<int>(digit);
    }
    return value;
}

bool take(const char*& next, const char* end, char wanted) {
    if (next == end || *next != wanted) return false;
    ++next;
    return true;
}

// Digits after the ninth are accepted only if they are zero: nothing is rounded silently.
text_error take_fraction(const char*& next, const char* end, std::int64_t& value) {
    const char* const first = next;
    std::int64_t weight = nanoseconds_per_second / 10;
    for (; next != end && *next >= '0' && *next <= '9'; ++next, weight /= 10) {
        if (weight == 0 && *next != '0') return text_error::finer_than_nanosecond;
        value += (*next - '0') * weight;
    }
    return next != first ? text_error::none : text_error::not_a_time;
}

// "Z" or "+hh:mm", as seconds east of Greenwich.
text_error take_zone(const char*& next, const char* end, std::int64_t& seconds_east) {
    if (next == end) return text_error::time_without_zone;
    if (take(next, end, 'Z') || take(next, end, 'z')) return text_error::none;
    const bool west = *next == '-';
    if (!west && *next != '+') return text_error::not_a_time;
    ++next;
    const int hours = take_digits(next, end, 2);
    if (hours < 0 || !take(next, end, ':')) return text_error::not_a_time;
    const int minutes = take_digits(next, end, 2);
    if (minutes < 0) return text_error::not_a_time;
    if (hours > 23 || minutes > 59) return text_error::out_of_range;
    seconds_east = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
    return text_error::none;
}

// The ends of the line stand for "before anything" and "after everything" and are no time of a record.
text_error set_time(std::int64_t count, timestamp& value) {
    if (count == std::numeric_limits<std::int64_t>::min() || count == std::numeric_limits<std::int64_t>::max()) {
        return text_error::out_of_range;
    }
    value = timestamp{duration{count}};
    return text_error::none;
}

text_error parse_date_time(std::string_view text, timestamp& value) {
    const char* next = text.data();
    const char* const end = next + text.size();
    const int year = take_digits(next, end, 4);
    if (year < 0 || !take(next, end, '-')) return text_error::not_a_time;
    const int month = take_digits(next, end, 2);
    if (month < 0 || !take(next, end, '-')) return text_error::not_a_time;
    const int day = take_digits(next, end, 2);
    if (day < 0) return text_error::not_a_time;
    if (!take(next, end, 'T') && !take(next, end, ' ') && !take(next, end, 't')) return text_error::not_a_time;
    const int hour = take_digits(next, end, 2);
    if (hour < 0 || !take(next, end, ':')) return text_error::not_a_time;
    const int minute = take_digits(next, end, 2);
    if (minute < 0 || !take(next, end, ':')) return text_error::not_a_time;
    const int second = take_digits(next, end, 2);
    if (second < 0) return text_error::not_a_time;
    std::int64_t fraction = 0;
    if (take(next, end, '.')) {
        if (const text_error wrong = take_fraction(next, end, fraction); wrong != text_error::none) return wrong;
    }
    std::int64_t seconds_east = 0;
    if (const text_error zone = take_zone(next, end, seconds_east); zone != text_error::none) return zone;
    if (next != end) return text_error::not_a_time;

    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return text_error::out_of_range;
    if (second == 60) return text_error::leap_second;
    const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
    std::int64_t seconds = days * 86'400 + hour * 3'600 + minute * 60 + second - seconds_east;
    // Before 1970 the whole seconds alone may lie below the range although the sum does not: borrow one from them.
    if (seconds < 0 && fraction > 0) {
        ++seconds;
        fraction -= nanoseconds_per_second;
    }
    std::int64_t count = 0;
    if (__builtin_mul_overflow(seconds, nanoseconds_per_second, &count) ||
        __builtin_add_overflow(count, fraction, &count)) {
        return text_error::out_of_range;
    }
    return set_time(count, value);
}

constexpr std::int64_t tick_nanoseconds(time_unit unit) {
    switch (unit) {
        case time_unit::seconds: return nanoseconds_per_second;
        case time_unit::milliseconds: return 1'000'000;
        case time_unit::microseconds: return 1'000;
        case time_unit::nanoseconds: break;
    }
    return 1;
}

struct named_unit {
    std::string_view name;
    std::int64_t count;
};
constexpr std::array<named_unit, 7> duration_units{{{"d", 86'400 * nanoseconds_per_second},
                                                    {"h", 3'600 * nanoseconds_per_second},
                                                    {"m", 60 * nanoseconds_per_second},
                                                    {"s", nanoseconds_per_second},
                                                    {"ms", 1'000'000},
                                                    {"us", 1'000},
                                                    {"ns", 1}}};

void write_digits(char* target, std::int64_t value, int count) {
    for (int i = count - 1; i >= 0; --i, value /= 10) target[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

text_error detail::set_time(std::int64_t count, time_unit epoch, timestamp& value) noexcept {
    if (__builtin_mul_overflow(count, tick_nanoseconds(epoch), &count)) return text_error::out_of_range;
    return weir::set_time(count, value);
}

text_error parse_time(std::string_view text, timestamp& value, time_unit epoch) noexcept {
    if (text.empty()) return text_error::empty;
    if (text.size() > 4 && text[4] == '-') return parse_date_time(text, value);
    std::int64_t count = 0;
    const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (stop != text.data() + text.size() || code == std::errc::invalid_argument) return text_error::not_a_time;
    return code == std::errc{} ? detail::set_time(count, epoch, value) : text_error::out_of_range;
}

text_error parse_duration(std::string_view text, duration& value) noexcept {
    if (text.empty()) return text_error::empty;
    const char* const end = text.data() + text.size();
    std::int64_t count = 0;
    const auto [stop, code] = std::from_chars(text.data(), end, count);
    if (code == std::errc::invalid_argument) return text_error::not_a_duration;
    const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
    for (const auto& known : duration_units) {
        if (known.name != unit) continue;
        if (code != std::errc{} || __builtin_mul_overflow(count, known.count, &count)) return text_error::out_of_range;
        value = duration{count};
        return text_error::none;
    }
    return text_error::not_a_duration;
}

char* detail::write_time(char* to, timestamp value) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(value);
    const auto midnight = std::chrono::floor<std::chrono::days>(whole);
    const std::chrono::year_month_day date{midnight};
    const std::int64_t second_of_day = (whole - midnight).count();
    // Not the difference of the two times: whole seconds below the first nanosecond of the line do not fit it.
    const std::int64_t beyond = value.time_since_epoch().count() % nanoseconds_per_second;
    const std::int64_t fraction = beyond < 0 ? beyond + nanoseconds_per_second : beyond;
    std::memcpy(to, "0000-00-00T00:00:00.000000000", 29);
    write_digits(to, int{date.year()}, 4);
    write_digits(to + 5, unsigned{date.month()}, 2);
    write_digits(to + 8, unsigned{date.day()}, 2);
    write_digits(to + 11, second_of_day / 3'600, 2);
    write_digits(to + 14, second_of_day / 60 % 60, 2);
    write_digits(to + 17, second_of_day % 60, 2);
    write_digits(to + 20, fraction, 9);
    to += fraction == 0 ? 19 : fraction % 1'000'000 == 0 ? 23 : fraction % 1'000 == 0 ? 26 : 29;
    *to++ = 'Z';
    return to;
}

char* detail::write_duration(char* to, duration value) {
    const std::int64_t count = value.count();
    for (const auto& unit : duration_units) {
        if (count % unit.count != 0 || (count == 0 && unit.name != "s")) continue;
        to = std::to_chars(to, to + 20, count / unit.count).ptr;
        return std::copy(unit.name.begin(), unit.name.end(), to);
    }
    return to;
}

void append_time(std::string& out, timestamp value) {
    char text[detail::most_time_bytes];
    out.append(text, static_cast<std::size_t>(detail::write_time(text, value) - text));
}

void append_duration(std::string& out, duration value) {
    char text[detail::most_time_bytes];
    out.append(text, static_cast<std::size_t>(detail::write_duration(text, value) - text));
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
#include <fmt/compile.h>

#include <algorithm>
#include <array>
#include <cmath>

#include <weir/record/text.hpp>

namespace weir {

std::string_view sentence(text_error error) noexcept {
    switch (error) {
        case text_error::none: return "is well-formed";
        case text_error::empty: return "is empty, but a value is needed";
        case text_error::not_a_number: return "is not a number";
        case text_error::not_a_whole_number: return "is not a whole number";
        case text_error::out_of_range: return "is out of range";
        case text_error::not_finite: return "is not a finite number";
        case text_error::not_a_truth_value: return "is none of true, false, 1 and 0";
        case text_error::not_a_character: return "is not one ASCII character";
        case text_error::unknown_name: return "is not a known name";
        case text_error::not_a_time: return "is neither an RFC 3339 time nor a whole number";
        case text_error::time_without_zone: return "is a time without a zone: it must end in Z or +hh:mm";
        case text_error::finer_than_nanosecond: return "is finer than a nanosecond: more than nine digits of a second";
        case text_error::leap_second: return "is a leap second, which counts of time since 1970 leave out";
        case text_error::not_a_duration: return "is not a duration such as 5m (ns, us, ms, s, m, h, d)";
        case text_error::invalid_utf8: return "is not valid UTF-8";
    }
    return "is wrong";
}

namespace detail {

namespace {

// Only reached for what the fast way refused: non-finite numbers and errors.
template <class Real>
text_error parse_unusual_real(std::string_view text, Real& value, bool allow_nan) noexcept {
    if (text.empty()) return text_error::empty;
    const char* const last = text.data() + text.size();
    Real number{};
    const auto [stop, code] = std::from_chars(text.data(), last, number);
    if (code == std::errc::invalid_argument || stop != last) return text_error::not_a_number;
    if (code != std::errc{}) return text_error::out_of_range;
    if (std::isfinite(number) || allow_nan) {
        value = number;
        return text_error::none;
    }
    return text_error::not_finite;
}

// Money, counts, milliseconds: a value that is a whole number of parts of which `Parts` make one (a power of ten),
// k / Parts rounded once. With at most 15 digits no other decimal rounds to it, so k / Parts without trailing zeros is
// its shortest form. Nothing is written if the value is none of those.
template <unsigned Parts>
char* write_in_parts(char* to, double value) {
    const double scaled = value * Parts;
    if (!(std::abs(scaled) < 1e15)) return nullptr;
    const auto count = static_cast<std::int64_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    if (static_cast<double>(count) / Parts != value) return nullptr;
    const auto magnitude = static_cast<std::uint64_t>(count < 0 ? -count : count);
    if (count < 0) *to++ = '-';
    to = std::to_chars(to, to + 20, magnitude / Parts).ptr;
    auto rest = static_cast<unsigned>(magnitude % Parts);
    if (rest != 0) *to++ = '.';
    for (; rest != 0; rest = rest * 10 % Parts) *to++ = static_cast<char>('0' + rest * 10 / Parts);
    return to;
}

char* write_text(char* to, std::string_view text) { return std::copy(text.begin(), text.end(), to); }

// The shortest digits that read back as the value; written out for 1e-4 <= |value| < 1e16, else with an exponent.
char* write_shortest(char* to, double value) { return fmt::format_to(to, FMT_COMPILE("{}"), value); }
char* write_shortest(char* to, float value) {  // not by fmt, whose bounds for float differ between versions
    std::array<char, 32> text;
    const char* const end =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific).ptr;
    const std::string_view whole{text.data(), static_cast<std::size_t>(end - text.data())};
    const std::size_t mark = whole.rfind('e');
    if (mark == std::string_view::npos) return write_text(to, whole);  // an infinity
    int exponent = 0;
    const char* const digits = text.data() + mark + (whole[mark + 1] == '+' ? 2 : 1);
    std::from_chars(digits, end, exponent);
    if (exponent < -4 || exponent >= 16) return write_text(to, whole);
    if (value < 0) *to++ = '-';
    const std::size_t first = value < 0 ? 1 : 0;
    const std::string_view fraction = mark > first + 1 ? whole.substr(first + 2, mark - first - 2) : std::string_view{};
    if (exponent < 0) {
        to = std::fill_n(write_text(to, "0."), -exponent - 1, '0');
        *to++ = whole[first];
        return write_text(to, fraction);
    }
    const auto before_point = static_cast<std::size_t>(exponent);
    *to++ = whole[first];
    if (fraction.size() <= before_point) {
        return std::fill_n(write_text(to, fraction), before_point - fraction.size(), '0');
    }
    to = write_text(to, fraction.substr(0, before_point));
    *to++ = '.';
    return write_text(to, fraction.substr(before_point));
}

template <class Real>
char* write_any_real(char* to, Real value) {
    // The sign of a NaN differs between machines, that of zero between orders of adding: neither is shown.
    if (value == Real{0}) return write_text(to, "0");
    if (std::isnan(value)) return write_text(to, "nan");
    // Of a float with thousandths there may be shorter decimals that read back.
    constexpr unsigned parts = std::is_same_v<Real, double> ? 1000 : 100;
    char* const end = write_in_parts<parts>(to, static_cast<double>(value));
    return end != nullptr ? end : write_shortest(to, value);
}

}  // namespace

text_error why_not_whole(std::string_view text) noexcept {
    if (text.empty()) return text_error::empty;
    const std::string_view digits = text.substr(text.front() == '-' ? 1 : 0);
    if (digits.empty()) return text_error::not_a_number;
    // Only digits, and yet refused: too large, or negative where there is no sign.
    if (digits.find_first_not_of("0123456789") == std::string_view::npos) return text_error::out_of_range;
    double real = 0;
    const bool is_number = parse_unusual(text, real, false) == text_error::none;
    return is_number ? text_error::not_a_whole_number : text_error::not_a_number;
}

text_error parse_unusual(std::string_view text, double& value, bool allow_nan) noexcept {
    return parse_unusual_real(text, value, allow_nan);
}
text_error parse_unusual(std::string_view text, float& value, bool allow_nan) noexcept {
    return parse_unusual_real(text, value, allow_nan);
}

text_error parse_truth(std::string_view text, bool& value) noexcept {
    if (text.empty()) return text_error::empty;
    const bool yes = text == "true" || text == "1";
    if (!yes && text != "false" && text != "0") return text_error::not_a_truth_value;
    value = yes;
    return text_error::none;
}

char* write_number(char* to, double value) { return write_any_real(to, value); }
char* write_number(char* to, float value) { return write_any_real(to, value); }

}  // namespace detail
}  // namespace weir

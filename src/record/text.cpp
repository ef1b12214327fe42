// SPDX-License-Identifier: Apache-2.0
#include <fmt/compile.h>

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

// Money and counts: a value that is a whole number of hundredths, k / 100 rounded once. With at most 15 digits no other
// decimal rounds to it, so k / 100 without trailing zeros is its shortest form.
bool append_hundredths(std::string& out, double value) {
    const double scaled = value * 100;
    if (!(std::abs(scaled) < 1e15)) return false;
    const auto hundredths = static_cast<std::int64_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    if (static_cast<double>(hundredths) / 100 != value) return false;
    const auto magnitude = static_cast<std::uint64_t>(hundredths < 0 ? -hundredths : hundredths);
    std::array<char, 24> text;
    char* end = text.data();
    if (hundredths < 0) *end++ = '-';
    end = std::to_chars(end, text.data() + text.size(), magnitude / 100).ptr;
    if (const auto rest = static_cast<unsigned>(magnitude % 100); rest != 0) {
        *end++ = '.';
        *end++ = static_cast<char>('0' + rest / 10);
        if (rest % 10 != 0) *end++ = static_cast<char>('0' + rest % 10);
    }
    out.append(text.data(), static_cast<std::size_t>(end - text.data()));
    return true;
}

// The shortest digits that read back as the value; written out for 1e-4 <= |value| < 1e16, else with an exponent.
template <class Real>
void append_shortest(std::string& out, Real value) {
    std::array<char, 32> text;
    const char* const end =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific).ptr;
    const std::string_view whole{text.data(), static_cast<std::size_t>(end - text.data())};
    const std::size_t mark = whole.rfind('e');
    if (mark == std::string_view::npos) {
        out += whole;  // an infinity
        return;
    }
    int exponent = 0;
    const char* const digits = text.data() + mark + (whole[mark + 1] == '+' ? 2 : 1);
    std::from_chars(digits, end, exponent);
    if (exponent < -4 || exponent >= 16) {
        out += whole;
        return;
    }
    if (value < 0) out += '-';
    const std::size_t first = value < 0 ? 1 : 0;
    const std::string_view fraction = mark > first + 1 ? whole.substr(first + 2, mark - first - 2) : std::string_view{};
    if (exponent < 0) {
        out.append("0.").append(static_cast<std::size_t>(-exponent - 1), '0');
        out += whole[first];
        out += fraction;
        return;
    }
    const auto before_point = static_cast<std::size_t>(exponent);
    out += whole[first];
    if (fraction.size() <= before_point) {
        out.append(fraction).append(before_point - fraction.size(), '0');
    } else {
        out.append(fraction.substr(0, before_point)) += '.';
        out += fraction.substr(before_point);
    }
}

template <class Real>
void append_any_real(std::string& out, Real value) {
    // The sign of a NaN differs between machines, that of zero between orders of adding: neither is shown.
    if (value == Real{0}) {
        out += '0';
    } else if (std::isnan(value)) {
        out += "nan";
    } else if (!append_hundredths(out, static_cast<double>(value))) {
        append_shortest(out, value);
    }
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

void append_real(std::string& out, double value) { append_any_real(out, value); }
void append_real(std::string& out, float value) { append_any_real(out, value); }

}  // namespace detail
}  // namespace weir

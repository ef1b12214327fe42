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

template <class Real>
void append_any_real(std::string& out, Real value) {
    // The sign of a NaN differs between machines, that of zero between orders of adding: neither is shown.
    if (value == Real{0}) {
        out += '0';
    } else if (std::isnan(value)) {
        out += "nan";
    } else {
        std::array<char, 64> digits;
        const char* const end = fmt::format_to(digits.data(), FMT_COMPILE("{}"), value);
        out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
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

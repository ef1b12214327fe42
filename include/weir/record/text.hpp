// SPDX-License-Identifier: Apache-2.0
// One field as text, and back. Reading is strict: the whole text must be the value, without blanks around it, and a
// number that does not fit is an error. Writing and reading again gives the same value, to the bit, except that -0 is
// written as 0.
#pragma once
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <weir/record/kind.hpp>
#include <weir/record/scan_number.hpp>
#include <weir/record/text_error.hpp>
#include <weir/record/time_text.hpp>
#include <weir/record/utf8.hpp>

namespace weir {

struct text_options {
    time_unit epoch = time_unit::milliseconds;  // what a bare number counts where a time is expected
    bool allow_nan = false;                     // also allows infinities
};

namespace detail {

[[nodiscard]] text_error why_not_whole(std::string_view text) noexcept;
[[nodiscard]] text_error parse_unusual(std::string_view text, double& value, bool allow_nan) noexcept;
[[nodiscard]] text_error parse_unusual(std::string_view text, float& value, bool allow_nan) noexcept;
[[nodiscard]] text_error parse_truth(std::string_view text, bool& value) noexcept;

// Writes the number and returns where it ended; there must be room for most_number_bytes.
inline constexpr std::size_t most_number_bytes = 32;
char* write_number(char* to, double value);
char* write_number(char* to, float value);
template <whole_number T> char* write_number(char* to, T value) {
    return std::to_chars(to, to + most_number_bytes, value).ptr;
}

template <number T>
[[nodiscard]] text_error parse_number(std::string_view text, T& value, bool allow_nan) noexcept {
    const char* const last = text.data() + text.size();
    T number{};
    if (scan_number(text.data(), last, number) == last && !text.empty()) {
        value = number;
        return text_error::none;
    }
    if constexpr (real_number<T>) {
        return parse_unusual(text, value, allow_nan);
    } else {
        return why_not_whole(text);
    }
}

template <class T>
concept plain_text_field =
    number<T> || std::same_as<T, bool> || std::same_as<T, char> || std::same_as<T, std::string> || described_enum<T> ||
    std::same_as<T, timestamp> || std::same_as<T, duration>;

}  // namespace detail

// A type of the user's that reads itself from the text of a field, and writes itself as one:
//   text_error read_text(std::string_view text, const text_options& options);    untouched unless it answers none
//   void write_text(std::string& out) const;
template <class T>
concept own_text_field = requires(T value, const T& constant, std::string_view text, const text_options& options,
                                  std::string& out) {
    { value.read_text(text, options) } -> std::same_as<text_error>;
    constant.write_text(out);
};

namespace detail {

template <class T>
inline constexpr bool is_text_field = plain_text_field<T> || own_text_field<T>;
template <class T>
inline constexpr bool is_text_field<std::optional<T>> = plain_text_field<T> || own_text_field<T>;

}  // namespace detail

// A value that is one text: a number, bool, char, text, described enum, timestamp or duration, a type that reads
// itself, or an optional of these, where the empty text means no value.
template <class T>
concept text_field = detail::is_text_field<T>;

// Reads the value from the whole text. Untouched unless the answer is text_error::none. Allocates nothing but what a
// std::string needs for itself.
template <text_field T>
[[nodiscard]] text_error parse_field(std::string_view text, T& value, const text_options& options = {}) {
    if constexpr (detail::optional_like<T>) {
        if (text.empty()) {
            value.reset();
            return text_error::none;
        }
        typename T::value_type inner{};
        const text_error error = parse_field(text, inner, options);
        if (error == text_error::none) value = std::move(inner);
        return error;
    } else if constexpr (own_text_field<T>) {
        return value.read_text(text, options);
    } else if constexpr (number<T>) {
        return detail::parse_number(text, value, options.allow_nan);
    } else if constexpr (std::is_same_v<T, bool>) {
        return detail::parse_truth(text, value);
    } else if constexpr (std::is_same_v<T, char>) {
        if (text.size() != 1 || !detail::is_ascii(text)) return text_error::not_a_character;
        value = text.front();
        return text_error::none;
    } else if constexpr (std::is_same_v<T, std::string>) {
        if (!is_utf8(text)) return text_error::invalid_utf8;
        value.assign(text);
        return text_error::none;
    } else if constexpr (described_enum<T>) {
        return find_enum(text, value) ? text_error::none : text_error::unknown_name;
    } else if constexpr (detail::instant<T>) {
        return parse_time(text, value, options.epoch);
    } else {
        return parse_duration(text, value);
    }
}

// Appends the value as text. An enum's value without a name is written as nothing.
template <text_field T>
void append_field(std::string& out, const T& value) {
    if constexpr (detail::optional_like<T>) {
        if (value) append_field(out, *value);
    } else if constexpr (own_text_field<T>) {
        value.write_text(out);
    } else if constexpr (number<T>) {
        char digits[detail::most_number_bytes];
        out.append(digits, static_cast<std::size_t>(detail::write_number(digits, value) - digits));
    } else if constexpr (std::is_same_v<T, bool>) {
        out += value ? "true" : "false";
    } else if constexpr (std::is_same_v<T, char>) {
        out += value;
    } else if constexpr (std::is_same_v<T, std::string>) {
        out += value;
    } else if constexpr (described_enum<T>) {
        out += enum_name(value);
    } else if constexpr (detail::instant<T>) {
        append_time(out, value);
    } else {
        append_duration(out, value);
    }
}

}  // namespace weir

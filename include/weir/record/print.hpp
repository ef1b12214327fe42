// SPDX-License-Identifier: Apache-2.0
// Any known value for people to read: {card: 7, at: 2024-01-01T00:00:00Z, amount: 1.5}. Text is in quotes, a missing
// optional is `none`, lists are [1, 2], maps {k: v}, tuples (a, b). Not meant to be read back: record/csv.hpp is.
#pragma once
#include <string>
#include <string_view>
#include <weir/record/text.hpp>

namespace weir {

// Appends the value. A type may print itself: `std::string to_text() const`.
template <class T>
void append_text(std::string& out, const T& value);

template <class T>
[[nodiscard]] std::string to_text(const T& value) {
    std::string out;
    append_text(out, value);
    return out;
}

namespace detail {

// In double quotes, with control characters, quotes, backslashes and what is not UTF-8 escaped.
void append_quoted(std::string& out, std::string_view text);
void append_ticks(std::string& out, std::int64_t count, std::int64_t numerator, std::int64_t denominator);

template <class T>
concept self_printing = requires(const T& value) {
    { value.to_text() } -> std::convertible_to<std::string>;
};

template <class T>
[[nodiscard]] constexpr bool is_printable();

template <class T>
struct parts_printable;
template <template <class...> class Pack, class... Part>
struct parts_printable<Pack<Part...>> {
    [[nodiscard]] static constexpr bool of_parts() { return (is_printable<std::remove_cv_t<Part>>() && ...); }
    template <class Record>
    [[nodiscard]] static constexpr bool of_fields() {
        return (is_printable<std::remove_cvref_t<decltype(std::declval<Record&>().*Part::pointer)>>() && ...);
    }
};

template <class T>
constexpr bool is_printable() {
    if constexpr (self_printing<T> || std::is_same_v<T, std::string> || std::is_same_v<T, char> || std::is_enum_v<T> ||
                  text_field<T> || instant<T> || span_of_time<T>) {
        return true;
    } else if constexpr (optional_like<T> || list_like<T>) {
        return is_printable<typename T::value_type>();
    } else if constexpr (map_like<T>) {
        return is_printable<typename T::key_type>() && is_printable<typename T::mapped_type>();
    } else if constexpr (sorted_like<T>) {
        return is_printable<typename T::key_type>();
    } else if constexpr (fixed_array<T>) {
        return is_printable<array_element<T>>();
    } else if constexpr (tuple_like<T>) {
        return parts_printable<T>::of_parts();
    } else if constexpr (described<T>) {
        return parts_printable<field_list<T>>::template of_fields<T>();
    } else {
        return false;
    }
}

template <class Range, class Append>
void append_items(std::string& out, const Range& range, Append&& append) {
    bool first = true;
    for (const auto& item : range) {
        if (!first) out += ", ";
        first = false;
        append(item);
    }
}

template <class T>
void append_sorted(std::string& out, const T& sorted) {
    out += '{';
    append_items(out, sorted, [&out](const auto& item) {
        if constexpr (map_like<T>) {
            append_text(out, item.first);
            out += ": ";
            append_text(out, item.second);
        } else {
            append_text(out, item);
        }
    });
    out += '}';
}

template <class T>
void append_list(std::string& out, const T& list) {
    using item_type = std::remove_cvref_t<decltype(*std::begin(list))>;
    out += '[';
    // vector<bool>'s items are proxies: the conversion makes them the bool they stand for.
    append_items(out, list, [&out](const auto& item) { append_text<item_type>(out, item); });
    out += ']';
}

template <class T>
void append_tuple(std::string& out, const T& tuple) {
    out += '(';
    bool first = true;
    std::apply(
        [&out, &first](const auto&... part) {
            ((out += first ? "" : ", ", first = false, append_text(out, part)), ...);
        },
        tuple);
    out += ')';
}

template <class T>
void append_described(std::string& out, const T& record) {
    out += '{';
    bool first = true;
    for_each_field(record, [&out, &first](std::string_view name, const auto& field) {
        if (!first) out += ", ";
        first = false;
        out += name;
        out += ": ";
        append_text(out, field);
    });
    out += '}';
}

// Other clocks' ticks may reach beyond the line of timestamps: then the count of ticks is shown.
template <instant T>
void append_coarse_time(std::string& out, T value) {
    using period = typename T::period;
    const double seconds = std::chrono::duration<double>(value.time_since_epoch()).count();
    if (seconds > -9.2e9 && seconds < 9.2e9) {
        append_time(out, std::chrono::time_point_cast<duration>(value));
    } else {
        append_ticks(out, static_cast<std::int64_t>(value.time_since_epoch().count()), period::num, period::den);
    }
}

template <class T>
void append_enum(std::string& out, T value) {
    if constexpr (described_enum<T>) {
        if (const std::string_view name = enum_name(value); !name.empty()) {
            out += name;
            return;
        }
    }
    // The plus makes a character-sized number print as a number.
    out += std::to_string(+static_cast<std::underlying_type_t<T>>(value));
}

}  // namespace detail

// A type that to_text and append_text know.
template <class T>
concept printable = detail::is_printable<std::remove_cv_t<T>>();

template <class T>
void append_text(std::string& out, const T& value) {
    if constexpr (detail::self_printing<T>) {
        out += value.to_text();
    } else if constexpr (std::is_same_v<T, std::string>) {
        detail::append_quoted(out, value);
    } else if constexpr (std::is_same_v<T, char>) {
        detail::append_quoted(out, std::string_view{&value, 1});
    } else if constexpr (detail::optional_like<T>) {
        if (value) {
            append_text(out, *value);
        } else {
            out += "none";
        }
    } else if constexpr (std::is_enum_v<T>) {
        detail::append_enum(out, value);
    } else if constexpr (text_field<T>) {
        append_field(out, value);
    } else if constexpr (detail::instant<T>) {
        detail::append_coarse_time(out, value);
    } else if constexpr (detail::span_of_time<T>) {
        detail::append_ticks(out, static_cast<std::int64_t>(value.count()), T::period::num, T::period::den);
    } else if constexpr (detail::sorted_like<T>) {
        detail::append_sorted(out, value);
    } else if constexpr (detail::fixed_array<T> || detail::list_like<T>) {
        detail::append_list(out, value);
    } else if constexpr (detail::tuple_like<T>) {
        detail::append_tuple(out, value);
    } else if constexpr (described<T>) {
        detail::append_described(out, value);
    } else {
        static_assert(detail::always_false<T>,
                      "this type cannot be printed: describe it with BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_ENUM, or "
                      "give it `std::string to_text() const`");
    }
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// How each type is read from JSON: the reverse of record/json_encoder.hpp.
//
//   numbers           of JSON, strictly; whole numbers without point or exponent; with json_options::allow_nan reals
//                     also the texts "nan", "inf" and "-inf"
//   bool              true, false
//   text, char, enums by name, durations, and types with read_text    a text; the last also a number or truth value
//   times             a text (RFC 3339) or a whole number of json_options::epoch since 1970
//   std::optional     null or a value
//   lists, sets, fixed arrays, tuples   arrays; the latter two of exactly as many items
//   maps              objects if the key is text, else arrays of [key, value]
//   described structs objects: fields in any order, unknown ones ignored, none twice. A missing one is an error unless
//                     it is an optional, which is then left as it was made
//   types of the user's      `text_error read_json(std::string_view json)`, given the value as it stands
#pragma once
#include <algorithm>
#include <array>
#include <bitset>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <weir/json/json_tokens.hpp>
#include <weir/record/json_encoder.hpp>

namespace weir {

template <class T>
concept own_json_reading = requires(T value, std::string_view json) {
    { value.read_json(json) } -> std::same_as<text_error>;
};

namespace detail {

template <class T>
[[nodiscard]] constexpr bool is_json_readable();

template <class T>
struct json_parts_read;
template <template <class...> class Pack, class... Part>
struct json_parts_read<Pack<Part...>> {
    [[nodiscard]] static constexpr bool of_parts() { return (is_json_readable<std::remove_cv_t<Part>>() && ...); }
    template <class Record>
    [[nodiscard]] static constexpr bool of_fields() {
        return (is_json_readable<std::remove_cvref_t<decltype(std::declval<Record&>().*Part::pointer)>>() && ...);
    }
};

template <class T>
constexpr bool is_json_readable() {
    if constexpr (!std::is_default_constructible_v<T>) {
        return false;
    } else if constexpr (own_json_reading<T> || text_field<T>) {
        return true;
    } else if constexpr (optional_like<T> || list_like<T>) {
        return is_json_readable<typename T::value_type>();
    } else if constexpr (map_like<T>) {
        return is_json_readable<typename T::key_type>() && is_json_readable<typename T::mapped_type>();
    } else if constexpr (sorted_like<T>) {
        return is_json_readable<typename T::key_type>();
    } else if constexpr (fixed_array<T>) {
        return is_json_readable<array_element<T>>();
    } else if constexpr (tuple_like<T>) {
        return json_parts_read<T>::of_parts();
    } else if constexpr (described<T>) {
        return json_parts_read<field_list<T>>::template of_fields<T>();
    } else {
        return false;
    }
}

// Reads the value that is the next token, and moves past it. False if that cannot be; json_tokens knows why.
template <class T>
[[nodiscard]] bool read_json(json_tokens& in, T& value);

// Reached by errors, by numbers with exponents or many digits, and by NaN as text.
template <number T>
[[gnu::noinline]] bool read_unusual_number(json_tokens& in, T& value) {
    constexpr std::string_view wanted = whole_number<T> ? "a whole number" : "a number";
    if (real_number<T> && in.options().allow_nan && in.kind() == '"') {
        std::string_view text;
        if (!in.take_text(text)) return false;
        if (text == "nan" || text == "inf" || text == "-inf") {
            return parse_number(text, value, true) == text_error::none;
        }
        return in.fail(text, "is a text, but a number, \"nan\", \"inf\" or \"-inf\" is needed");
    }
    const char first = in.kind();
    if (first != '-' && !is_digit(first)) return in.wrong_kind(wanted);
    const std::string_view text = in.token();
    if (!is_json_number(text)) return in.fail(text, sentence(text_error::not_a_number));
    const text_error wrong = parse_number(text, value, false);
    if (wrong != text_error::none) return in.fail(text, sentence(wrong));
    in.skip();
    return true;
}

// Whether the next token is a plain number of few enough digits, and which.
template <number T>
[[nodiscard, gnu::always_inline]] inline bool is_plain_number(const json_tokens& in, T& value) {
    const char* const first = in.place();
    const char* const digit = first + (*first == '-' ? 1 : 0);
    if (!is_digit(*digit) || (*digit == '0' && is_digit(digit[1]))) return false;
    const char* const stop = scan_plain(first, in.end(), value);
    return stop != nullptr && in.ends_at(stop);
}

template <text_field T>
[[nodiscard]] bool read_json_field(json_tokens& in, T& value) {
    if constexpr (number<T>) {
        if (!is_plain_number(in, value)) [[unlikely]] return read_unusual_number(in, value);
        in.skip();
        return true;
    } else if constexpr (std::is_same_v<T, bool>) {
        value = in.kind() == 't';
        return in.take_word(value ? std::string_view{"true"} : std::string_view{"false"}) ||
               in.wrong_kind("true or false");
    } else {
        if constexpr (instant<T>) {
            std::int64_t count = 0;
            if (is_plain_number(in, count) && set_time(count, in.options().epoch, value) == text_error::none) {
                in.skip();
                return true;
            }
        }
        constexpr bool bare = instant<T> || own_text_field<T>;
        std::string_view text;
        if (bare && in.kind() != '"') {
            text = in.token();
            const bool number_stands = is_json_number(text);
            const bool word_stands = !instant<T> && (text == "true" || text == "false");
            if (!number_stands && !word_stands) return in.wrong_kind(instant<T> ? "a time" : "a text or number");
            in.skip();
        } else if constexpr (std::is_same_v<T, std::string>) {
            if (!in.take_text(text)) return false;
            value.assign(text);
            return true;
        } else {
            if (!in.take_text(text)) return false;
        }
        const text_error wrong = parse_field(text, value, in.options());
        return wrong == text_error::none || in.fail(text, sentence(wrong));
    }
}

// Calls read(index) for each item; it answers whether it could.
template <class Read>
[[nodiscard]] bool read_json_items(json_tokens& in, Read&& read) {
    if (!in.take('[')) return in.wrong_kind("a list");
    if (in.take(']')) return true;
    for (std::size_t index = 0;; ++index) {
        if (!read(index)) return in.in_item(index);
        if (in.take(',')) continue;
        return in.take(']') || in.malformed("a comma or ]");
    }
}

// A list of items that are there already, as in arrays and tuples.
template <class Read>
[[nodiscard]] bool read_json_exactly(json_tokens& in, std::size_t count, Read&& read) {
    const char* const first = in.place();
    std::size_t seen = 0;
    const bool sound = read_json_items(in, [&](std::size_t index) {
        ++seen;
        return index < count ? read(index) : in.skip_value();
    });
    if (!sound) return false;
    if (seen == count) return true;
    return in.fail({first, static_cast<std::size_t>(in.behind() - first)},
                   "is a list of " + std::to_string(seen) + " items, but " + std::to_string(count) + " are needed");
}

template <tuple_like T, std::size_t... Index>
[[nodiscard]] bool read_json_part(json_tokens& in, T& tuple, std::size_t wanted, std::index_sequence<Index...>) {
    bool sound = true;
    static_cast<void>(((Index == wanted && ((sound = read_json(in, std::get<Index>(tuple))), true)) || ...));
    return sound;
}

template <sorted_like T>
[[nodiscard]] bool read_json_sorted(json_tokens& in, T& value) {
    value.clear();
    return read_json_items(in, [&](std::size_t) {
        if constexpr (map_like<T>) {
            std::pair<typename T::key_type, typename T::mapped_type> item{};
            if (!read_json(in, item)) return false;
            value.insert(std::move(item));
        } else {
            typename T::key_type item{};
            if (!read_json(in, item)) return false;
            value.insert(std::move(item));
        }
        return true;
    });
}

template <map_like T>
[[nodiscard]] bool read_json_map(json_tokens& in, T& value) {
    value.clear();
    if (!in.take('{')) return in.wrong_kind("an object");
    if (in.take('}')) return true;
    while (true) {
        const std::string_view stands = in.token();
        std::string_view text;
        if (!in.take_any_name(text)) return false;
        std::string key{text};
        typename T::mapped_type item{};
        if (!read_json(in, item)) return in.in_field(key);
        if (!value.emplace(key, std::move(item)).second) {
            in.fail(stands, "appears twice");
            return in.in_field(key);
        }
        if (in.take(',')) continue;
        return in.take('}') || in.malformed("a comma or }");
    }
}

// The fields of a described struct.
template <class T, class List = field_list<T>>
struct json_object;
template <class T, template <class...> class List, class... Descriptor>
struct json_object<T, List<Descriptor...>> {
    static constexpr std::size_t count = sizeof...(Descriptor);
    using seen_fields = std::bitset<count>;

    [[nodiscard]] static bool read(json_tokens& in, T& record) {
        const char* const first = in.place();
        if (!in.take('{')) return in.wrong_kind("an object");
        // As a struct's own writer writes them: all fields, in order.
        std::size_t in_order = 0;
        progress now = progress::differs;
        static_cast<void>(((now = read_next<Descriptor>(in, record), now >= progress::goes_on && ++in_order != 0 &&
                                                                         now == progress::goes_on) &&
                           ...));
        if (now == progress::closed && in_order == count) [[likely]] return true;
        if (now == progress::failed) return false;
        return read_rest(in, record, in_order, now == progress::closed, first);
    }

  private:
    enum class progress { failed, differs, goes_on, closed };

    template <class One>
    [[nodiscard]] static progress read_next(json_tokens& in, T& record) {
        if (!in.take_name<json_key<One>.size() - 1>(json_key<One>.data() + 1)) return progress::differs;
        if (!read_json(in, record.*One::pointer)) {
            in.in_field(One::name);
            return progress::failed;
        }
        if (in.take(',')) return progress::goes_on;
        if (in.take('}')) return progress::closed;
        in.malformed("a comma or }");
        return progress::failed;
    }

    // Whatever comes behind the first fields, which were in order.
    [[nodiscard, gnu::noinline]] static bool read_rest(json_tokens& in, T& record, std::size_t in_order, bool closed,
                                                       const char* first) {
        seen_fields seen;
        for (std::size_t i = 0; i < in_order; ++i) seen.set(i);
        if (!closed && !(in_order == 0 && in.take('}')) && !read_others(in, record, seen, in_order)) return false;
        static constexpr std::array<bool, count> required{
            !optional_like<std::remove_cvref_t<decltype(std::declval<T&>().*Descriptor::pointer)>>...};
        for (std::size_t i = 0; i < count; ++i) {
            if (seen[i] || !required[i]) continue;
            in.fail({first, static_cast<std::size_t>(in.behind() - first)}, "is an object without this field");
            return in.in_field(field_names<T>[i]);
        }
        return true;
    }

    [[nodiscard]] static bool read_others(json_tokens& in, T& record, seen_fields& seen, std::size_t expected) {
        using read_function = bool (*)(json_tokens&, T&);
        static constexpr std::array<read_function, count> read_field{
            [](json_tokens& from, T& to) { return read_json(from, to.*Descriptor::pointer); }...};
        while (true) {
            const std::string_view stands = in.token();
            std::string_view name;
            if (!in.take_any_name(name)) return false;
            const std::size_t index = find(name, expected);
            if (index == count) {
                if (!in.skip_value()) return in.in_field(stands.substr(1, stands.size() - 2));
            } else if (seen[index]) {
                in.fail(stands, "appears twice");
                return in.in_field(field_names<T>[index]);
            } else {
                seen.set(index);
                expected = index + 1;
                if (!read_field[index](in, record)) return in.in_field(field_names<T>[index]);
            }
            if (in.take(',')) continue;
            return in.take('}') || in.malformed("a comma or }");
        }
    }

    // From the expected one on: others may have been left out or added, but the order is often the same.
    [[nodiscard]] static std::size_t find(std::string_view name, std::size_t expected) {
        for (std::size_t i = expected; i < count; ++i) {
            if (field_names<T>[i] == name) return i;
        }
        for (std::size_t i = 0; i < std::min(expected, count); ++i) {
            if (field_names<T>[i] == name) return i;
        }
        return count;
    }
};

template <own_json_reading T>
[[nodiscard]] bool read_own_json(json_tokens& in, T& value) {
    const char* const first = in.place();
    if (!in.skip_value()) return false;
    const std::string_view json{first, static_cast<std::size_t>(in.last_skipped() - first)};
    const text_error wrong = value.read_json(json);
    return wrong == text_error::none || in.fail(json, sentence(wrong));
}

template <class T>
bool read_json(json_tokens& in, T& value) {
    if constexpr (own_json_reading<T>) {
        return read_own_json(in, value);
    } else if constexpr (optional_like<T>) {
        if (in.kind() != 'n') return read_json(in, value.emplace());
        value.reset();
        return in.take_word("null") || in.wrong_kind("a value or null");
    } else if constexpr (text_field<T>) {
        return read_json_field(in, value);
    } else if constexpr (map_like<T>) {
        if constexpr (std::is_same_v<typename T::key_type, std::string>) {
            return read_json_map(in, value);
        } else {
            return read_json_sorted(in, value);
        }
    } else if constexpr (sorted_like<T>) {
        return read_json_sorted(in, value);
    } else if constexpr (fixed_array<T>) {
        return read_json_exactly(in, array_length<T>,
                                 [&](std::size_t index) { return read_json(in, value[index]); });
    } else if constexpr (tuple_like<T>) {
        return read_json_exactly(in, std::tuple_size_v<T>, [&](std::size_t index) {
            return read_json_part(in, value, index, std::make_index_sequence<std::tuple_size_v<T>>{});
        });
    } else if constexpr (list_like<T>) {
        value.clear();
        return read_json_items(in, [&](std::size_t) {
            typename T::value_type item{};
            if (!read_json(in, item)) return false;
            value.push_back(std::move(item));
            return true;
        });
    } else {
        return json_object<T>::read(in, value);
    }
}

}  // namespace detail

// What a line of JSON may be read into: a described struct of what is listed above.
template <class T>
concept json_readable = described<T> && detail::is_json_readable<T>();

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// Records to JSON Lines (RFC 8259): one object per record and line, ended by LF.
//
//   numbers           as CSV writes them: doubles in the fewest digits that read back, 64-bit numbers in full (readers
//                     that know doubles only lose digits beyond 2^53)
//   NaN, infinities   refused, unless json_options::allow_nan: then the texts "nan", "inf" and "-inf"
//   text              UTF-8, escaped as RFC 8259 asks; what is no UTF-8 is refused
//   enums             by name; a value without a name is refused
//   times, durations  the text that CSV writes: "2024-01-01T00:00:00Z", "5m"
//   std::optional     null where there is no value
//   lists, arrays, tuples, sets    arrays; maps with text as key are objects, others arrays of [key, value]
//   described structs objects, field by field
//   types of the user's            write_json, or write_text as for CSV: then the text
//
// What is refused is a weir::error of kind `input` that names the field, such as 'legs.2.speed'.
#pragma once
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>
#include <weir/base/error.hpp>
#include <weir/record/json_options.hpp>
#include <weir/record/json_output.hpp>
#include <weir/record/text.hpp>

namespace weir {

// A type that writes itself as one JSON value, without line breaks.
template <class T>
concept own_json_value = requires(const T& value, std::string& out) { value.write_json(out); };

namespace detail {

template <class T>
[[nodiscard]] constexpr bool is_json_value();

template <class T>
struct json_parts;
template <template <class...> class Pack, class... Part>
struct json_parts<Pack<Part...>> {
    [[nodiscard]] static constexpr bool of_parts() { return (is_json_value<std::remove_cv_t<Part>>() && ...); }
    template <class Record>
    [[nodiscard]] static constexpr bool of_fields() {
        return (is_json_value<std::remove_cvref_t<decltype(std::declval<Record&>().*Part::pointer)>>() && ...);
    }
};

template <class T>
constexpr bool is_json_value() {
    if constexpr (own_json_value<T> || text_field<T>) {
        return true;
    } else if constexpr (optional_like<T> || list_like<T>) {
        return is_json_value<typename T::value_type>();
    } else if constexpr (map_like<T>) {
        return is_json_value<typename T::key_type>() && is_json_value<typename T::mapped_type>();
    } else if constexpr (sorted_like<T>) {
        return is_json_value<typename T::key_type>();
    } else if constexpr (fixed_array<T>) {
        return is_json_value<array_element<T>>();
    } else if constexpr (tuple_like<T>) {
        return json_parts<T>::of_parts();
    } else if constexpr (described<T>) {
        return json_parts<field_list<T>>::template of_fields<T>();
    } else {
        return false;
    }
}

// ,"name": of a field. The names of C++ hold nothing to be escaped.
template <class Descriptor>
inline constexpr auto json_key = [] {
    constexpr std::string_view name = Descriptor::name;
    std::array<char, name.size() + 4> text{',', '"'};
    for (std::size_t i = 0; i < name.size(); ++i) text[i + 2] = name[i];
    text[name.size() + 2] = '"';
    text[name.size() + 3] = ':';
    return text;
}();

template <class T>
void append_json(json_output& out, const T& value);

template <real_number T>
void append_json_real(json_output& out, T value) {
    if (std::isfinite(value)) [[likely]] {
        out.wrote(write_number(out.room(most_number_bytes), value));
    } else if (out.allow_nan()) {
        out.put(std::isnan(value) ? "\"nan\"" : value < 0 ? "\"-inf\"" : "\"inf\"");
    } else {
        out.refuse(std::isnan(value) ? "nan is no number of JSON: json_options::allow_nan writes it as text"
                                     : "an infinity is no number of JSON: json_options::allow_nan writes it as text");
    }
}

template <text_field T>
void append_json_field(json_output& out, const T& value) {
    if constexpr (real_number<T>) {
        append_json_real(out, value);
    } else if constexpr (number<T>) {
        out.wrote(write_number(out.room(most_number_bytes), value));
    } else if constexpr (std::is_same_v<T, bool>) {
        out.put(value ? std::string_view{"true"} : std::string_view{"false"});
    } else if constexpr (std::is_same_v<T, char>) {
        out.put_text({&value, 1});
    } else if constexpr (std::is_same_v<T, std::string>) {
        out.put_text(value);
    } else if constexpr (own_text_field<T>) {
        std::string& text = out.string();
        const std::size_t begin = text.size();
        value.write_text(text);
        out.quote(begin);
    } else if constexpr (described_enum<T>) {
        const std::string_view name = enum_name(value);
        if (name.empty()) out.refuse("the value has no name in its enum");
        out.put('"');
        out.put(name);
        out.put('"');
    } else {
        char* to = out.room(most_time_bytes + 2);
        *to++ = '"';
        if constexpr (instant<T>) {
            to = write_time(to, value);
        } else {
            to = write_duration(to, value);
        }
        *to++ = '"';
        out.wrote(to);
    }
}

template <class Range, class Append>
void append_json_items(json_output& out, const Range& range, Append&& append) {
    char before = '[';
    for (const auto& item : range) {
        out.put(before);
        before = ',';
        append(item);
    }
    out.put(before == '[' ? std::string_view{"[]"} : std::string_view{"]"});
}

template <map_like T>
void append_json_map(json_output& out, const T& map) {
    if constexpr (std::is_same_v<typename T::key_type, std::string>) {
        char before = '{';
        for (const auto& [key, value] : map) {
            out.put(before);
            before = ',';
            out.put_text(key);
            out.put(':');
            append_json(out, value);
        }
        out.put(before == '{' ? std::string_view{"{}"} : std::string_view{"}"});
    } else {
        append_json_items(out, map, [&out](const auto& item) {
            out.put('[');
            append_json(out, item.first);
            out.put(',');
            append_json(out, item.second);
            out.put(']');
        });
    }
}

template <class T>
void append_json_tuple(json_output& out, const T& tuple) {
    char before = '[';
    std::apply([&](const auto&... part) { ((out.put(before), before = ',', append_json(out, part)), ...); }, tuple);
    out.put(before == '[' ? std::string_view{"[]"} : std::string_view{"]"});
}

// The fields as members; `first` tells whether they open the object.
template <class T, template <class...> class List, class... Descriptor>
void append_json_fields(json_output& out, [[maybe_unused]] const T& record, [[maybe_unused]] bool& first,
                        List<Descriptor...>) {
    [[maybe_unused]] const auto append = [&]<class One>(One) {
        constexpr std::string_view key{json_key<One>.data(), json_key<One>.size()};
        if (first) {
            out.put('{');
            out.put(key.substr(1));
        } else {
            out.put(key);
        }
        first = false;
        append_json(out, record.*One::pointer);
    };
    (append(Descriptor{}), ...);
}

template <class T>
void append_json(json_output& out, const T& value) {
    if constexpr (own_json_value<T>) {
        value.write_json(out.string());
    } else if constexpr (optional_like<T>) {
        if (value) {
            append_json(out, *value);
        } else {
            out.put("null");
        }
    } else if constexpr (text_field<T>) {
        append_json_field(out, value);
    } else if constexpr (map_like<T>) {
        append_json_map(out, value);
    } else if constexpr (fixed_array<T> || list_like<T> || sorted_like<T>) {
        using item_type = std::remove_cvref_t<decltype(*std::begin(value))>;
        // vector<bool>'s items are proxies: the conversion makes them the bool they stand for.
        append_json_items(out, value, [&out](const auto& item) { append_json<item_type>(out, item); });
    } else if constexpr (tuple_like<T>) {
        append_json_tuple(out, value);
    } else {
        bool first = true;
        append_json_fields(out, value, first, field_list<T>{});
        out.put(first ? std::string_view{"{}"} : std::string_view{"}"});
    }
}

}  // namespace detail

// The members of a row while they are written: fields by their own names, other values by the row's, one after the
// other.
class json_members {
  public:
    json_members(detail::json_output& out, std::span<const std::string> keys) noexcept : out_(out), keys_(keys) {}

    template <described T>
    void add_fields(const T& record) {
        detail::append_json_fields(out_, record, first_, detail::field_list<T>{});
    }
    template <class T>
    void add(const T& value) {
        out_.put(first_ ? '{' : ',');
        first_ = false;
        out_.put(keys_.front());
        keys_ = keys_.subspan(1);
        detail::append_json(out_, value);
    }
    void close() { out_.put(first_ ? std::string_view{"{}"} : std::string_view{"}"}); }

  private:
    detail::json_output& out_;
    std::span<const std::string> keys_;  // "name":
    bool first_ = true;
};

// How a type becomes an object. Specialize it for a type that is not described but has members:
//
//   static void names(std::vector<std::string>& out);              one name per add() below
//   static void append(json_members& to, const T& value);          with to.add(value) and to.add_fields(described)
//   static std::size_t field_columns();                            how many CSV columns the described fields take
//
// A tuple's members are called after their positions; a value of its own, without a field around it, is called "value".
template <class T>
struct json_row {
    static constexpr bool is_general = true;  // no specialization

    static void names(std::vector<std::string>& out) {
        if constexpr (detail::tuple_like<T>) {
            for (std::size_t i = 0; i < std::tuple_size_v<T>; ++i) out.push_back(std::to_string(i));
        } else if constexpr (!described<T>) {
            out.emplace_back("value");
        }
    }
    static void append(json_members& to, const T& value) {
        if constexpr (detail::tuple_like<T>) {
            std::apply([&to](const auto&... part) { (to.add(part), ...); }, value);
        } else if constexpr (described<T>) {
            to.add_fields(value);
        } else {
            to.add(value);
        }
    }
    static std::size_t field_columns() { return 0; }
};

// What a line of JSON may hold: values as listed above, and types with a json_row of their own.
template <class T>
concept json_writable = detail::is_json_value<T>() || !requires { json_row<T>::is_general; };

namespace detail {
// "name": of each. Throws weir::error of kind `configuration` if there are not as many as needed, or one is no UTF-8.
[[nodiscard]] std::vector<std::string> json_keys(std::vector<std::string> names, std::vector<std::string> given,
                                                 std::size_t field_columns);
}  // namespace detail

template <class T>
class json_encoder {
    static_assert(json_writable<T>,
                  "this type has no JSON members: describe it with BOOST_DESCRIBE_STRUCT, give it "
                  "`void write_json(std::string& out) const`, or specialize weir::json_row");

  public:
    // Names are those of the row's CSV columns, for types without names of their own. Another number of names than
    // there are columns is a weir::error of kind `configuration`.
    explicit json_encoder(const json_options& options = {}, std::vector<std::string> names = {})
        : allow_nan_(options.allow_nan) {
        check_json_options(options);
        std::vector<std::string> own;
        if constexpr (!own_json_value<T>) json_row<T>::names(own);
        if (own.empty()) return;  // fields name themselves
        keys_ = detail::json_keys(std::move(own), std::move(names), json_row<T>::field_columns());
    }

    // Appends the record's line. After an exception the string is as before.
    void append(std::string& out, const T& value) const {
        const std::size_t before = out.size();
        try {
            detail::json_output to(out, allow_nan_);
            if constexpr (own_json_value<T>) {
                detail::append_json(to, value);
            } else {
                json_members members(to, keys_);
                json_row<T>::append(members, value);
                members.close();
            }
            to.put('\n');
            to.flush();
        } catch (...) {
            out.resize(before);
            throw;
        }
    }

  private:
    bool allow_nan_;
    std::vector<std::string> keys_;
};

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// What a record looks like from outside: field names and canonical type tags, never a compiler's type names. It is
// kept beside snapshots and sent with data; its fingerprint tells at a glance whether two sides mean the same.
//
// Tags: bool, char, i8..i64, u8..u64, f32, f64, text, time, duration (nanoseconds; other ticks as duration<1/1000>),
// enum{a,b} (a number where it does not follow from the one before: enum{a=1,b}), optional<f64>, array<f64,3>,
// list<text>, map<text,f64>, set<u64>, tuple<u64,text>, struct{x:f64,y:f64}. A type with its own encoding says its tag
// itself: `static std::string type_tag()`; one that is described, but has save and load, is own<struct{x:f64,y:f64}>.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>
#include <weir/record/binary_buffer.hpp>
#include <weir/record/kind.hpp>

namespace weir {

struct schema_field {
    std::string name;
    std::string type;
    friend bool operator==(const schema_field&, const schema_field&) = default;
};

struct schema {
    std::vector<schema_field> fields;
    friend bool operator==(const schema&, const schema&) = default;
};

// 64 bits of XXH3 over names and tags: the same on every machine and in every version.
[[nodiscard]] std::uint64_t fingerprint(const schema& described_as);

// "{card: u64, at: time, amount: f64}"
[[nodiscard]] std::string to_string(const schema& described_as);

template <class T>
[[nodiscard]] std::string type_tag();

namespace detail {

template <class T>
concept self_tagging = requires {
    { T::type_tag() } -> std::convertible_to<std::string>;
};

[[nodiscard]] std::string number_tag(char kind, std::size_t bytes);
[[nodiscard]] std::string span_tag(const char* name, std::int64_t numerator, std::int64_t denominator);
void append_enum_tag(std::string& tag, std::string_view name, std::int64_t value, std::int64_t expected);

template <described_enum T>
[[nodiscard]] std::string enum_tag() {
    using list = enumerators<T>;
    std::string tag = "enum{";
    std::int64_t expected = 0;
    for (std::size_t i = 0; i < list::count; ++i) {
        const auto value = static_cast<std::int64_t>(list::values[i]);
        append_enum_tag(tag, list::names[i], value, expected);
        expected = value + 1;
    }
    return tag + "}";
}

template <class T>
struct tuple_tag;
template <template <class...> class Pack, class... Part>
struct tuple_tag<Pack<Part...>> {
    [[nodiscard]] static std::string get() {
        std::string tag = "tuple<";
        ((tag += (tag.back() == '<' ? "" : ",") + type_tag<Part>()), ...);
        return tag + ">";
    }
};

template <described T>
[[nodiscard]] std::string struct_tag() {
    std::string tag = "struct{";
    T* none = nullptr;
    [&]<template <class...> class List, class... Descriptor>(List<Descriptor...>) {
        ((tag += (tag.back() == '{' ? "" : ",") + std::string(Descriptor::name) + ":" +
                 type_tag<std::remove_cvref_t<decltype(none->*Descriptor::pointer)>>()),
         ...);
    }(field_list<T>{});
    return tag + "}";
}

template <class T>
[[nodiscard]] std::string scalar_tag() {
    if constexpr (std::is_same_v<T, bool>) {
        return "bool";
    } else if constexpr (std::is_same_v<T, char>) {
        return "char";
    } else if constexpr (real_number<T>) {
        return number_tag('f', sizeof(T));
    } else if constexpr (whole_number<T>) {
        return number_tag(std::is_signed_v<T> ? 'i' : 'u', sizeof(T));
    } else if constexpr (std::is_same_v<T, std::string>) {
        return "text";
    } else if constexpr (described_enum<T>) {
        return enum_tag<T>();
    } else if constexpr (std::is_enum_v<T>) {
        return "enum:" + scalar_tag<std::underlying_type_t<T>>();
    } else if constexpr (instant<T>) {
        return span_tag("time", T::duration::period::num, T::duration::period::den);
    } else {
        return span_tag("duration", T::period::num, T::period::den);
    }
}

template <class T>
[[nodiscard]] constexpr bool is_tagged();

template <class T>
struct parts_tagged;
template <template <class...> class Pack, class... Part>
struct parts_tagged<Pack<Part...>> {
    [[nodiscard]] static constexpr bool of_parts() { return (is_tagged<std::remove_cv_t<Part>>() && ...); }
    template <class Record>
    [[nodiscard]] static constexpr bool of_fields() {
        return (is_tagged<std::remove_cvref_t<decltype(std::declval<Record&>().*Part::pointer)>>() && ...);
    }
};

template <class T>
concept scalar = number<T> || std::same_as<T, bool> || std::same_as<T, char> || std::same_as<T, std::string> ||
                 std::is_enum_v<T> || instant<T> || span_of_time<T>;

template <class T>
constexpr bool is_tagged() {
    if constexpr (self_tagging<T> || scalar<T>) {
        return true;
    } else if constexpr (map_like<T>) {
        return is_tagged<typename T::key_type>() && is_tagged<typename T::mapped_type>();
    } else if constexpr (sorted_like<T>) {
        return is_tagged<typename T::key_type>();
    } else if constexpr (optional_like<T> || list_like<T>) {
        return is_tagged<typename T::value_type>();
    } else if constexpr (fixed_array<T>) {
        return is_tagged<array_element<T>>();
    } else if constexpr (tuple_like<T>) {
        return parts_tagged<T>::of_parts();
    } else if constexpr (described<T>) {
        return parts_tagged<field_list<T>>::template of_fields<T>();
    } else {
        return false;
    }
}

}  // namespace detail

// A type that has a tag.
template <class T>
concept tagged = detail::is_tagged<std::remove_cv_t<T>>();

namespace detail {

template <class T>
[[nodiscard]] std::string tag_of_kind() {
    if constexpr (optional_like<T>) {
        return "optional<" + type_tag<typename T::value_type>() + ">";
    } else if constexpr (fixed_array<T>) {
        return "array<" + type_tag<array_element<T>>() + "," + std::to_string(array_length<T>) + ">";
    } else if constexpr (map_like<T>) {
        return "map<" + type_tag<typename T::key_type>() + "," + type_tag<typename T::mapped_type>() + ">";
    } else if constexpr (sorted_like<T>) {
        return "set<" + type_tag<typename T::key_type>() + ">";
    } else if constexpr (list_like<T>) {
        return "list<" + type_tag<typename T::value_type>() + ">";
    } else if constexpr (tuple_like<T>) {
        return tuple_tag<T>::get();
    } else if constexpr (described<T>) {
        return struct_tag<T>();
    } else {
        static_assert(always_false<T>,
                      "this type has no schema: describe it with BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_ENUM, or give "
                      "it a static type_tag()");
    }
}

}  // namespace detail

// The canonical tag of a type.
template <class T>
std::string type_tag() {
    if constexpr (detail::self_tagging<T>) {
        return T::type_tag();
    } else if constexpr (detail::scalar<T>) {
        return detail::scalar_tag<T>();
    } else if constexpr (self_storing<T>) {
        return "own<" + detail::tag_of_kind<T>() + ">";
    } else {
        return detail::tag_of_kind<T>();
    }
}

// The tag, or "?" of a type that has none: it may have an encoding of its own, of which nothing is known.
template <class T>
[[nodiscard]] std::string tag_if_known() {
    if constexpr (tagged<T>) {
        return type_tag<T>();
    } else {
        return "?";
    }
}

// A text as a name or a word in a tag: what separates there becomes '_'.
[[nodiscard]] std::string word_in_tag(std::string_view text);

// What differs between two tags, as a sentence without its stop: "state.count was i64 and is f64"; of several fields
// several, with semicolons between them: "state has no field 'note' any more, which was text; state has a new field
// 'count', which is i64". Empty if nothing does.
[[nodiscard]] std::string tag_difference(std::string_view was, std::string_view is);

// The schema of a described struct; any other type is one field named "value".
template <class T>
[[nodiscard]] schema schema_of() {
    schema result;
    if constexpr (described<T> && !detail::self_tagging<T>) {
        T* none = nullptr;
        [&]<template <class...> class List, class... Descriptor>(List<Descriptor...>) {
            (result.fields.push_back(
                 {Descriptor::name, type_tag<std::remove_cvref_t<decltype(none->*Descriptor::pointer)>>()}),
             ...);
        }(detail::field_list<T>{});
    } else {
        result.fields.push_back({"value", type_tag<T>()});
    }
    return result;
}

}  // namespace weir

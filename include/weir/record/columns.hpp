// SPDX-License-Identifier: Apache-2.0
// A record as a row: every field that is one text is one column. Nested structs flatten to `outer.inner`, fixed arrays
// to `name.0,name.1`, tuples to their positions likewise.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>
#include <weir/record/text.hpp>

namespace weir::detail {

struct column {
    std::string name;
    bool required;  // false where the field is an optional
};

template <class T>
[[nodiscard]] constexpr bool is_columnar();
template <class T>
[[nodiscard]] constexpr std::size_t count_columns();

template <class T>
struct column_parts;
template <template <class...> class Pack, class... Part>
struct column_parts<Pack<Part...>> {
    [[nodiscard]] static constexpr bool columnar() { return (is_columnar<std::remove_cv_t<Part>>() && ...); }
    [[nodiscard]] static constexpr std::size_t count() { return (count_columns<std::remove_cv_t<Part>>() + ... + 0); }
};

// The types of a described struct's fields.
template <class T, class List = field_list<T>>
struct field_types;
template <class T, template <class...> class List, class... Descriptor>
struct field_types<T, List<Descriptor...>> {
    using type = std::tuple<std::remove_cvref_t<decltype(std::declval<T&>().*Descriptor::pointer)>...>;
};

// The types of what a type consists of: itself for arrays, tuples as they are, structs as a tuple of their fields.
template <class T>
struct parts_of;
template <tuple_like T>
struct parts_of<T> : column_parts<T> {};
template <described T>
struct parts_of<T> : column_parts<typename field_types<T>::type> {};

template <class T>
constexpr bool is_columnar() {
    if constexpr (text_field<T>) {
        return true;
    } else if constexpr (fixed_array<T>) {
        return is_columnar<array_element<T>>();
    } else if constexpr (tuple_like<T> || described<T>) {
        return parts_of<T>::columnar();
    } else {
        return false;
    }
}

template <class T>
constexpr std::size_t count_columns() {
    if constexpr (text_field<T>) {
        return 1;
    } else if constexpr (fixed_array<T>) {
        return array_length<T> * count_columns<array_element<T>>();
    } else {
        return parts_of<T>::count();
    }
}

template <class T>
concept columnar = is_columnar<T>() && count_columns<T>() != 0;

template <class T>
inline constexpr std::size_t column_count = count_columns<T>();

// The field behind a column, found when the program is compiled.
template <std::size_t Index, class T>
[[nodiscard]] constexpr auto& column_at(T& value);

template <std::size_t Index, std::size_t Position, class T>
[[nodiscard]] constexpr auto& column_in_tuple(T& tuple) {
    constexpr std::size_t here = column_count<std::tuple_element_t<Position, T>>;
    if constexpr (Index < here) {
        return column_at<Index>(std::get<Position>(tuple));
    } else {
        return column_in_tuple<Index - here, Position + 1>(tuple);
    }
}

template <std::size_t Index, class T, template <class...> class List, class First, class... Rest>
[[nodiscard]] constexpr auto& column_in_fields(T& record, List<First, Rest...>) {
    constexpr std::size_t here = column_count<std::remove_cvref_t<decltype(record.*First::pointer)>>;
    if constexpr (Index < here) {
        return column_at<Index>(record.*First::pointer);
    } else {
        return column_in_fields<Index - here>(record, List<Rest...>{});
    }
}

template <std::size_t Index, class T>
constexpr auto& column_at(T& value) {
    if constexpr (text_field<T>) {
        return value;
    } else if constexpr (fixed_array<T>) {
        constexpr std::size_t each = column_count<array_element<T>>;
        return column_at<Index % each>(value[Index / each]);
    } else if constexpr (tuple_like<T>) {
        return column_in_tuple<Index, 0>(value);
    } else {
        return column_in_fields<Index>(value, field_list<T>{});
    }
}

[[nodiscard]] inline std::string join_names(std::string_view outer, std::string_view inner) {
    std::string name(outer);
    if (!outer.empty()) name += '.';
    return name += inner;
}

// The columns of a type in order. A column of its own, without a field around it, is called "value".
template <class T>
void collect_columns(std::vector<column>& columns, std::string_view name) {
    if constexpr (text_field<T>) {
        columns.push_back({std::string(name.empty() ? "value" : name), !optional_like<T>});
    } else if constexpr (fixed_array<T>) {
        for (std::size_t i = 0; i < array_length<T>; ++i) {
            collect_columns<array_element<T>>(columns, join_names(name, std::to_string(i)));
        }
    } else {
        const auto collect = [&]<class... Part>(std::tuple<Part...>*, const auto& name_of) {
            std::size_t position = 0;
            (collect_columns<std::remove_cv_t<Part>>(columns, join_names(name, name_of(position++))), ...);
        };
        if constexpr (tuple_like<T>) {
            using parts = decltype(std::tuple_cat(std::declval<T>()));
            collect(static_cast<parts*>(nullptr), [](std::size_t position) { return std::to_string(position); });
        } else {
            using parts = typename field_types<T>::type;
            collect(static_cast<parts*>(nullptr), [](std::size_t position) { return field_names<T>[position]; });
        }
    }
}

}  // namespace weir::detail

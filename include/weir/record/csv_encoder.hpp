// SPDX-License-Identifier: Apache-2.0
// Records to CSV: a header line, then one line per record, ended by LF. A field is in quotes only if it holds the
// separator, a quote, CR or LF; quotes are doubled. A missing optional is nothing between the separators.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include <weir/base/error.hpp>
#include <weir/record/columns.hpp>
#include <weir/record/csv_options.hpp>

namespace weir {

namespace detail {
void append_csv_text(std::string& out, std::string_view text, char separator);
// Puts what stands behind `begin` in quotes if it needs them.
void quote_csv_text(std::string& out, std::size_t begin, char separator);
void append_csv_header(std::string& out, std::span<const std::string> names, char separator);
[[noreturn]] void refuse_csv_names(std::size_t given, std::size_t wanted);

template <text_field T>
void append_csv_field(std::string& out, const T& value, char separator) {
    if constexpr (std::is_same_v<T, std::string>) {
        append_csv_text(out, value, separator);
    } else if constexpr (std::is_same_v<T, char>) {
        append_csv_text(out, std::string_view{&value, 1}, separator);
    } else if constexpr (own_text_field<T>) {
        const std::size_t begin = out.size();
        value.write_text(out);
        quote_csv_text(out, begin, separator);
    } else if constexpr (optional_like<T>) {
        if (value) append_csv_field(out, *value, separator);
    } else {
        append_field(out, value);  // numbers, times and names never hold a legal separator or a quote
    }
}
}  // namespace detail

template <class T>
struct csv_row;

namespace detail {
template <class Part>
void append_csv_part(std::string& out, const Part& part, char separator, bool& first) {
    if constexpr (number<Part>) {  // with the separator in one piece
        char text[1 + most_number_bytes];
        text[0] = separator;
        const char* const end = write_number(text + 1, part);
        const char* const begin = text + (first ? 1 : 0);
        out.append(begin, static_cast<std::size_t>(end - begin));
    } else {
        if (!first) out += separator;
        csv_row<Part>::append(out, part, separator);
    }
    first = false;
}
}  // namespace detail

// The columns of several values, one after the other.
template <class... Part>
void append_csv_parts(std::string& out, char separator, const Part&... part) {
    bool first = true;
    (detail::append_csv_part(out, part, separator, first), ...);
}

// How a type becomes the columns of a row. Specialize it for a type that is not described but has columns:
//
//   static void names(std::vector<std::string>& out, std::string_view prefix);      one name per column
//   static void append(std::string& out, const T& value, char separator);           as many fields
//
// and build both from the csv_row of the parts and append_csv_parts. The names may be replaced at run
// time by whoever writes the header.
template <class T>
struct csv_row {
    static constexpr bool is_general = true;  // no specialization

    static void names(std::vector<std::string>& out, std::string_view prefix) {
        if constexpr (text_field<T>) {
            out.emplace_back(prefix.empty() ? "value" : prefix);
        } else if constexpr (detail::optional_like<T>) {
            csv_row<typename T::value_type>::names(out, prefix);
        } else if constexpr (detail::fixed_array<T>) {
            for (std::size_t i = 0; i < detail::array_length<T>; ++i) {
                csv_row<detail::array_element<T>>::names(out, detail::join_names(prefix, std::to_string(i)));
            }
        } else if constexpr (detail::tuple_like<T>) {
            tuple_names(out, prefix, std::make_index_sequence<std::tuple_size_v<T>>{});
        } else {
            [&]<class... Part>(std::tuple<Part...>*) {
                std::size_t position = 0;
                (csv_row<Part>::names(out, detail::join_names(prefix, field_names<T>[position++])), ...);
            }(static_cast<typename detail::field_types<T>::type*>(nullptr));
        }
    }

    static void append(std::string& out, const T& value, char separator) {
        if constexpr (text_field<T>) {
            detail::append_csv_field(out, value, separator);
        } else if constexpr (detail::optional_like<T>) {
            append_optional(out, value, separator);
        } else if constexpr (detail::tuple_like<T>) {
            std::apply([&](const auto&... part) { append_csv_parts(out, separator, part...); }, value);
        } else if constexpr (detail::fixed_array<T>) {
            bool first = true;
            for (const auto& element : value) detail::append_csv_part(out, element, separator, first);
        } else {
            bool first = true;
            for_each_field(value, [&](std::string_view, const auto& field) {
                detail::append_csv_part(out, field, separator, first);
            });
        }
    }

  private:
    static void append_optional(std::string& out, const T& value, char separator) {
        using inner = typename T::value_type;
        if (value) {
            csv_row<inner>::append(out, *value, separator);
        } else {
            static const std::size_t columns = [] {
                std::vector<std::string> names;
                csv_row<inner>::names(names, {});
                return names.size();
            }();
            out.append(columns - 1, separator);
        }
    }

    template <std::size_t... Index>
    static void tuple_names(std::vector<std::string>& out, std::string_view prefix, std::index_sequence<Index...>) {
        (csv_row<std::remove_cv_t<std::tuple_element_t<Index, T>>>::names(
             out, detail::join_names(prefix, std::to_string(Index))),
         ...);
    }
};

// The names of a type's columns, in the order in which they are written.
template <class T>
[[nodiscard]] std::vector<std::string> csv_column_names() {
    std::vector<std::string> names;
    csv_row<T>::names(names, {});
    return names;
}

namespace detail {
template <class T>
[[nodiscard]] constexpr bool has_columns();

template <class T>
struct parts_with_columns;
template <template <class...> class Pack, class... Part>
struct parts_with_columns<Pack<Part...>> {
    [[nodiscard]] static constexpr bool all() { return (has_columns<std::remove_cv_t<Part>>() && ...); }
};

template <class T>
constexpr bool has_columns() {
    if constexpr (text_field<T> || !requires { csv_row<T>::is_general; }) {
        return true;
    } else if constexpr (optional_like<T>) {
        return has_columns<typename T::value_type>();
    } else if constexpr (fixed_array<T>) {
        return has_columns<array_element<T>>();
    } else if constexpr (tuple_like<T>) {
        return parts_with_columns<T>::all();
    } else if constexpr (described<T>) {
        return parts_with_columns<typename field_types<T>::type>::all();
    } else {
        return false;
    }
}
}  // namespace detail

// What a row may hold: what a column may, optionals of structs, and types with a csv_row of their own.
template <class T>
concept csv_writable = detail::has_columns<T>();

template <class T>
class csv_encoder {
    static_assert(csv_writable<T>,
                  "this type has no CSV columns: describe it with BOOST_DESCRIBE_STRUCT or specialize weir::csv_row");

  public:
    // Without names, the columns are called after the fields. Another number of names than there are columns is a
    // weir::error of kind `configuration`.
    explicit csv_encoder(const csv_options& options = {}, std::vector<std::string> names = {})
        : separator_(options.separator), names_(csv_column_names<T>()) {
        check_csv_options(options);
        if (names.empty()) return;
        if (names.size() != names_.size()) detail::refuse_csv_names(names.size(), names_.size());
        names_ = std::move(names);
    }

    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

    void append_header(std::string& out) const { detail::append_csv_header(out, names_, separator_); }

    void append(std::string& out, const T& value) const {
        csv_row<T>::append(out, value, separator_);
        out += '\n';
    }

  private:
    char separator_;
    std::vector<std::string> names_;
};

}  // namespace weir

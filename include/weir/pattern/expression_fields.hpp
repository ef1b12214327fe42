// SPDX-License-Identifier: Apache-2.0
// The fields of a described struct as expressions know them: booleans, numbers, texts, described enums (as the text of
// their names), times and spans of time, and optionals of these.
#pragma once
#include <array>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <type_traits>

#include <weir/pattern/expression.hpp>
#include <weir/record/describe.hpp>
#include <weir/record/kind.hpp>

namespace weir::detail {

template <class T> concept expression_enum = described_enum<T>;
template <class T>
concept known_to_expressions = std::is_same_v<T, bool> || number<T> || std::is_same_v<T, std::string> ||
                               expression_enum<T> || instant<T> || span_of_time<T>;

template <class T> [[nodiscard]] consteval expression_type expression_type_of() {
    if constexpr (std::is_same_v<T, bool>) {
        return expression_type::boolean;
    } else if constexpr (real_number<T>) {
        return expression_type::real;
    } else if constexpr (whole_number<T>) {
        return std::is_signed_v<T> ? expression_type::whole : expression_type::natural;
    } else if constexpr (instant<T>) {
        return expression_type::time;
    } else if constexpr (span_of_time<T>) {
        return expression_type::span;
    } else {
        return expression_type::text;
    }
}

// Unknown if it does not fit 64 bits of nanoseconds. Of ticks that are no whole nanoseconds the fraction is cut off.
template <class Span> [[nodiscard]] expression_value nanoseconds_of(Span span) {
    using to_nanoseconds = std::ratio_divide<typename Span::period, std::nano>;
    std::int64_t count = 0;
    if (__builtin_mul_overflow(span.count(), std::int64_t{to_nanoseconds::num}, &count)) return {};
    return expression_value::of(count / std::int64_t{to_nanoseconds::den});
}

template <class T> [[nodiscard]] expression_value expression_value_of(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        return expression_value::of(value);
    } else if constexpr (real_number<T>) {
        return expression_value::of(static_cast<double>(value));
    } else if constexpr (whole_number<T>) {
        using wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
        return expression_value::of(static_cast<wide>(value));
    } else if constexpr (instant<T>) {
        return nanoseconds_of(value.time_since_epoch());
    } else if constexpr (span_of_time<T>) {
        return nanoseconds_of(value);
    } else if constexpr (expression_enum<T>) {
        const std::string_view name = enum_name(value);
        return name.empty() ? expression_value{} : expression_value::of(name);
    } else {
        return expression_value::of(std::string_view(value));
    }
}

template <class Record, class Descriptor> [[nodiscard]] expression_value read_described(const void* record) {
    const auto& value = static_cast<const Record*>(record)->*Descriptor::pointer;
    if constexpr (optional_like<std::remove_cvref_t<decltype(value)>>) {
        return value ? expression_value_of(*value) : expression_value{};
    } else {
        return expression_value_of(value);
    }
}

template <class Record, class Descriptor> [[nodiscard]] constexpr expression_field expression_field_of() {
    using held = std::remove_cvref_t<decltype(std::declval<const Record&>().*Descriptor::pointer)>;
    if constexpr (optional_like<held>) {
        if constexpr (known_to_expressions<typename held::value_type>) {
            return {Descriptor::name, expression_type_of<typename held::value_type>(),
                    &read_described<Record, Descriptor>};
        } else {
            return {Descriptor::name, {}, nullptr};
        }
    } else if constexpr (known_to_expressions<held>) {
        return {Descriptor::name, expression_type_of<held>(), &read_described<Record, Descriptor>};
    } else {
        return {Descriptor::name, {}, nullptr};
    }
}

template <class Record, class List> struct expression_field_table;
template <class Record, template <class...> class List, class... Descriptor>
struct expression_field_table<Record, List<Descriptor...>> {
    static constexpr std::array<expression_field, sizeof...(Descriptor)> fields{
        expression_field_of<Record, Descriptor>()...};
};

}  // namespace weir::detail

namespace weir {

template <described Record>
inline constexpr const auto& expression_fields =
    detail::expression_field_table<Record, detail::field_list<Record>>::fields;

}  // namespace weir

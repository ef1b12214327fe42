// SPDX-License-Identifier: Apache-2.0
// The kinds of values a field may hold. Every codec of this room branches on these and on nothing else, so that a
// type is either known to all of them or refused by name.
#pragma once
#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <weir/record/describe.hpp>

namespace weir {

// Signed and unsigned whole numbers of up to 64 bits. Characters are not numbers; std::int8_t and std::uint8_t are.
template <class T>
concept whole_number =
    std::integral<T> && sizeof(T) <= 8 && !std::same_as<T, bool> && !std::same_as<T, char> &&
    !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

// long double is left out: its width differs between machines.
template <class T>
concept real_number = std::same_as<T, float> || std::same_as<T, double>;

template <class T>
concept number = whole_number<T> || real_number<T>;

namespace detail {

template <class T>
inline constexpr bool is_span_of_time = false;
template <class Count, class Period>
inline constexpr bool is_span_of_time<std::chrono::duration<Count, Period>> = whole_number<Count>;

template <class T>
inline constexpr bool is_instant = false;
template <class Span>
inline constexpr bool is_instant<std::chrono::time_point<std::chrono::system_clock, Span>> = is_span_of_time<Span>;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_fixed_array = false;
template <class T, std::size_t Size>
inline constexpr bool is_fixed_array<T[Size]> = true;
template <class T, std::size_t Size>
inline constexpr bool is_fixed_array<std::array<T, Size>> = true;

template <class T>
inline constexpr bool is_tuple = false;
template <class... T>
inline constexpr bool is_tuple<std::tuple<T...>> = true;
template <class First, class Second>
inline constexpr bool is_tuple<std::pair<First, Second>> = true;

template <class T>
concept span_of_time = is_span_of_time<T>;
template <class T>
concept instant = is_instant<T>;
template <class T>
concept optional_like = is_optional<T>;
template <class T>
concept fixed_array = is_fixed_array<T>;
template <class T>
concept tuple_like = is_tuple<T>;

// std::vector, std::deque, std::list and what looks like them.
template <class T>
concept list_like = !std::same_as<T, std::string> && requires(T list, typename T::value_type item) {
    list.push_back(std::move(item));
    list.clear();
    { list.size() } -> std::convertible_to<std::size_t>;
    list.begin();
};

// std::map, std::set and what looks like them: sorted, so that equal contents have equal bytes.
template <class T>
concept sorted_like = requires(T sorted) {
    typename T::key_type;
    typename T::key_compare;
    sorted.clear();
    sorted.begin();
};
template <class T>
concept map_like = sorted_like<T> && requires { typename T::mapped_type; };

template <fixed_array T>
using array_element = std::remove_cvref_t<decltype(std::declval<T&>()[0])>;

template <class T>
inline constexpr std::size_t array_length = std::tuple_size_v<T>;
template <class T, std::size_t Size>
inline constexpr std::size_t array_length<T[Size]> = Size;

// Any value may follow from a number only if the enum has a fixed underlying type; otherwise it must be a named one.
template <class T>
concept fixed_enum = std::is_enum_v<T> && requires { T{0}; };

template <class T>
inline constexpr bool always_false = false;

}  // namespace detail
}  // namespace weir

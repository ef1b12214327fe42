// SPDX-License-Identifier: Apache-2.0
// What weir knows about a struct: the names and places of its fields, given once with Boost.Describe's macro.
//
//   struct payment { std::uint64_t card; weir::timestamp at; double amount; };
//   BOOST_DESCRIBE_STRUCT(payment, (), (card, at, amount))
//
// Public fields count, those of described bases first. Everything here is resolved when the program is compiled.
#pragma once
#include <array>
#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace weir {

// A struct whose fields have names.
template <class T>
concept described = std::is_class_v<std::remove_cv_t<T>> &&
                    boost::describe::has_describe_members<std::remove_cv_t<T>>::value &&
                    boost::describe::has_describe_bases<std::remove_cv_t<T>>::value;

// An enum whose values have names.
template <class T>
concept described_enum =
    std::is_enum_v<std::remove_cv_t<T>> && boost::describe::has_describe_enumerators<std::remove_cv_t<T>>::value;

namespace detail {

template <class List>
struct described_fields;

template <template <class...> class List, class... Descriptor>
struct described_fields<List<Descriptor...>> {
    static constexpr std::size_t count = sizeof...(Descriptor);
    static constexpr std::array<std::string_view, count> names{Descriptor::name...};

    template <class Record, class Function>
    static constexpr void for_each([[maybe_unused]] Record& record, [[maybe_unused]] Function&& function) {
        (function(std::string_view{Descriptor::name}, record.*Descriptor::pointer), ...);
    }

    template <class Member>
    static constexpr std::string_view name_of(Member member) {
        std::string_view name;
        ((name = same<Descriptor>(member) ? std::string_view{Descriptor::name} : name), ...);
        return name;
    }

  private:
    template <class One, class Member>
    static constexpr bool same(Member member) {
        if constexpr (std::is_same_v<std::remove_cv_t<decltype(One::pointer)>, Member>) {
            return One::pointer == member;
        } else {
            return false;
        }
    }
};

template <described T>
using field_list = boost::describe::describe_members<std::remove_cv_t<T>, boost::describe::mod_public |
                                                                              boost::describe::mod_inherited>;
template <described T>
using fields = described_fields<field_list<T>>;

template <class List>
struct described_names;

template <template <class...> class List, class... Descriptor>
struct described_names<List<Descriptor...>> {
    using value_type = std::common_type_t<std::remove_cv_t<decltype(Descriptor::value)>...>;
    static constexpr std::size_t count = sizeof...(Descriptor);
    static constexpr std::array<std::string_view, count> names{Descriptor::name...};
    static constexpr std::array<value_type, count> values{Descriptor::value...};
};

template <described_enum T>
using enumerators = described_names<boost::describe::describe_enumerators<std::remove_cv_t<T>>>;

}  // namespace detail

template <described T>
inline constexpr std::size_t field_count = detail::fields<T>::count;

// In the order of description, those of bases first.
template <described T>
inline constexpr const std::array<std::string_view, field_count<T>>& field_names = detail::fields<T>::names;

// Calls function(std::string_view name, auto& member) for every field in order.
template <class T, class Function>
    requires described<T>
constexpr void for_each_field(T& record, Function&& function) {
    detail::fields<T>::for_each(record, function);
}

// The name of a field, given a pointer to it: field_name(&payment::card) is "card". Empty if the field was left out
// of the description. For a field of a base, the base must be described.
template <class T, class Member>
[[nodiscard]] constexpr std::string_view field_name(Member T::*member) {
    static_assert(described<T>, "field_name needs a described struct: add BOOST_DESCRIBE_STRUCT for it");
    return detail::fields<T>::name_of(member);
}

// The name of an enum's value; empty for a value without a name.
template <described_enum T>
[[nodiscard]] constexpr std::string_view enum_name(T value) {
    using list = detail::enumerators<T>;
    for (std::size_t i = 0; i < list::count; ++i) {
        if (list::values[i] == value) return list::names[i];
    }
    return {};
}

// Finds the value of that name; false, and the value untouched, if there is none.
template <described_enum T>
[[nodiscard]] constexpr bool find_enum(std::string_view name, T& value) {
    using list = detail::enumerators<T>;
    for (std::size_t i = 0; i < list::count; ++i) {
        if (list::names[i] == name) {
            value = list::values[i];
            return true;
        }
    }
    return false;
}

}  // namespace weir

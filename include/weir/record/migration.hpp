// SPDX-License-Identifier: Apache-2.0
// Values that an earlier version of a program has written, read into the types that it has now.
//
//   struct account { std::int64_t count = 0; double sum = 0; bool frozen = false; };  // was {sum: f32, events: i32}
//
//   const weir::migration<account> from_old("struct{sum:f32,events:i32}", {{"events", "count"}});
//   if (!from_old.why_not().empty()) ...  // a sentence, known before a value is read
//   account now;
//   from_old.load(reader, now);
//
// What may have changed, at any depth: fields of a described struct are found by name, wherever they are; those that
// are gone are passed over, those that are new keep what the struct has by default, those that were renamed are
// declared; a number may have become a wider one that holds every value it had (i32 -> i64, u8 -> u32, u32 -> i64,
// f32 -> f64, whole numbers of up to 32 bits -> f64); a T may have become an optional<T>; an enum may have got more
// names. Keys of maps and elements of sets may only become wider numbers: nothing else keeps them apart. All else is
// refused: also what has an encoding of its own (a type that says its tag itself, or has save and load), unless its tag
// is the same.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <weir/record/binary.hpp>
#include <weir/record/migration_rules.hpp>
#include <weir/record/schema.hpp>
#include <weir/record/type_tree.hpp>

namespace weir {

namespace detail {

// How a value of one type is made of the bytes of another.
struct migration_step {
    enum class action : std::uint8_t { as_it_is, widen, into_optional, parts, by_name };
    struct field {
        std::size_t to = nowhere;  // the place of the present field
        std::size_t step = 0;      // among `steps`
    };
    static constexpr std::size_t nowhere = ~std::size_t{};

    action how = action::as_it_is;
    number_type from{};                 // of widen
    std::vector<field> fields;          // of by_name: in the order of the bytes
    std::vector<migration_step> steps;  // of what it is made of
    std::vector<type_tree> gone;        // of by_name: what is passed over; a field to nowhere has its place here
};

// How values under one tag are read as those of another; if they cannot be, `why_not` says all that is in the way.
[[nodiscard]] migration_step plan_migration(std::string_view was, std::string_view is, const migration_rules& rules,
                                            std::string& why_not);
[[nodiscard]] std::string why_no_fit(const std::string& path, std::string_view was, std::string_view is);

template <class T>
void load_as(binary_reader& reader, T& value, const migration_step& how);
template <class T>
[[nodiscard]] T load_as(binary_reader& reader, const migration_step& how) {
    T value{};
    load_as(reader, value, how);
    return value;
}

// Whether T is what its tag says, where it is not read as it is: one that says its tag itself may be something else.
// If not, `path` leads to it.
template <class T>
[[nodiscard]] bool fits(const migration_step& how, std::string& path);

template <class T, class List>
struct field_steps;
template <class T, template <class...> class List, class... Descriptor>
struct field_steps<T, List<Descriptor...>> {
    static constexpr std::size_t count = sizeof...(Descriptor);
    using loader = void (*)(binary_reader&, T&, const migration_step&);
    static constexpr std::array<loader, count> loaders{
        [](binary_reader& reader, T& value, const migration_step& how) {
            load_as(reader, value.*Descriptor::pointer, how);
        }...};

    [[nodiscard]] static bool fit(const migration_step& how, std::string& path) {
        using checker = bool (*)(const migration_step&, std::string&);
        constexpr std::array<checker, count> checkers{
            &fits<std::remove_cvref_t<decltype(std::declval<T&>().*Descriptor::pointer)>>...};
        for (const migration_step::field& each : how.fields) {
            if (each.to == migration_step::nowhere) continue;
            if (each.to >= count) return false;
            if (checkers[each.to](how.steps[each.step], path)) continue;
            path = std::string{fields<T>::names[each.to]} + (path.empty() ? "" : "." + path);
            return false;
        }
        return true;
    }
};

template <class T>
struct tuple_steps;
template <template <class...> class Pack, class... Part>
struct tuple_steps<Pack<Part...>> {
    [[nodiscard]] static bool fit(const migration_step& how, std::string& path) {
        std::size_t place = 0;
        return how.steps.size() == sizeof...(Part) && (fits<Part>(how.steps[place++], path) && ...);
    }
};

template <class T>
bool fits(const migration_step& how, std::string& path) {
    using action = migration_step::action;
    if (how.how == action::as_it_is) return true;
    if constexpr (self_storing<T> || self_tagging<T>) {
        return false;
    } else if constexpr (number<T>) {
        return how.how == action::widen;
    } else if constexpr (map_like<T>) {
        return how.how == action::parts && fits<typename T::key_type>(how.steps.at(0), path) &&
               fits<typename T::mapped_type>(how.steps.at(1), path);
    } else if constexpr (sorted_like<T>) {
        return how.how == action::parts && fits<typename T::key_type>(how.steps.at(0), path);
    } else if constexpr (optional_like<T>) {
        return (how.how == action::parts || how.how == action::into_optional) &&
               fits<typename T::value_type>(how.steps.at(0), path);
    } else if constexpr (list_like<T>) {
        return how.how == action::parts && fits<typename T::value_type>(how.steps.at(0), path);
    } else if constexpr (fixed_array<T>) {
        return how.how == action::parts && fits<array_element<T>>(how.steps.at(0), path);
    } else if constexpr (tuple_like<T>) {
        return how.how == action::parts && tuple_steps<T>::fit(how, path);
    } else if constexpr (described<T>) {
        return how.how == action::by_name && field_steps<T, field_list<T>>::fit(how, path);
    } else {
        return false;
    }
}

template <number T>
[[nodiscard]] T load_wider(binary_reader& reader, number_type from) {
    switch (from) {
        case number_type::i8: return static_cast<T>(reader.read_fixed<std::int8_t>());
        case number_type::i16: return static_cast<T>(reader.read_fixed<std::int16_t>());
        case number_type::i32: return static_cast<T>(reader.read_fixed<std::int32_t>());
        case number_type::i64: return static_cast<T>(reader.read_fixed<std::int64_t>());
        case number_type::u8: return static_cast<T>(reader.read_fixed<std::uint8_t>());
        case number_type::u16: return static_cast<T>(reader.read_fixed<std::uint16_t>());
        case number_type::u32: return static_cast<T>(reader.read_fixed<std::uint32_t>());
        case number_type::u64: return static_cast<T>(reader.read_fixed<std::uint64_t>());
        case number_type::f32: return static_cast<T>(reader.read_fixed<float>());
        case number_type::f64: break;
    }
    return static_cast<T>(reader.read_fixed<double>());
}

// Of a struct without fields, of an array without elements.
inline void load_nothing(binary_reader& reader) {
    if (reader.read_fixed<std::uint8_t>() != 0) {
        refuse_snapshot("the snapshot is damaged: a value without content is not written as zero");
    }
}

template <described T>
void load_by_name(binary_reader& reader, T& value, const migration_step& how) {
    if (how.fields.empty()) load_nothing(reader);
    for (const migration_step::field& each : how.fields) {
        if (each.to == migration_step::nowhere) {
            skip_value(reader, how.gone[each.step]);
        } else {
            field_steps<T, field_list<T>>::loaders[each.to](reader, value, how.steps[each.step]);
        }
    }
}

template <class Sorted>
void load_sorted_as(binary_reader& reader, Sorted& sorted, const migration_step& how) {
    const std::size_t count = reader.read_count();
    sorted.clear();
    for (std::size_t i = 0; i < count; ++i) {
        auto key = load_as<typename Sorted::key_type>(reader, how.steps[0]);
        if constexpr (map_like<Sorted>) {
            sorted.emplace_hint(sorted.end(), std::move(key),
                                load_as<typename Sorted::mapped_type>(reader, how.steps[1]));
        } else {
            sorted.emplace_hint(sorted.end(), std::move(key));
        }
    }
    if (sorted.size() != count) refuse_snapshot("the snapshot is damaged: a map or set holds a key twice");
}

template <class T>
void load_parts_as(binary_reader& reader, T& value, const migration_step& how) {
    if constexpr (sorted_like<T>) {
        load_sorted_as(reader, value, how);
    } else if constexpr (optional_like<T>) {
        value.reset();
        if (reader.read_bool()) value = load_as<typename T::value_type>(reader, how.steps[0]);
    } else if constexpr (list_like<T>) {
        const std::size_t count = reader.read_count();
        value.clear();
        for (std::size_t i = 0; i < count; ++i) value.push_back(load_as<typename T::value_type>(reader, how.steps[0]));
    } else if constexpr (tuple_like<T>) {
        std::size_t place = 0;
        std::apply([&](auto&... part) { (load_as(reader, part, how.steps[place++]), ...); }, value);
    } else {
        if (array_length<T> == 0) load_nothing(reader);
        for (auto& element : value) load_as(reader, element, how.steps[0]);
    }
}

template <class T>
void load_as(binary_reader& reader, T& value, const migration_step& how) {
    using action = migration_step::action;
    if (how.how == action::as_it_is) return weir::load(reader, value);
    if constexpr (self_storing<T> || self_tagging<T>) {
        throw error(error_kind::internal, "a type with an encoding of its own is read as another");
    } else if constexpr (number<T>) {
        value = load_wider<T>(reader, how.from);
    } else if constexpr (optional_like<T>) {
        if (how.how == action::into_optional) {
            value = load_as<typename T::value_type>(reader, how.steps[0]);
        } else {
            load_parts_as(reader, value, how);
        }
    } else if constexpr (list_like<T> || sorted_like<T> || fixed_array<T> || tuple_like<T>) {
        load_parts_as(reader, value, how);
    } else if constexpr (described<T>) {
        load_by_name(reader, value, how);
    }
}

}  // namespace detail

// Of values that were written when T had the tag `was`.
template <class T>
class migration {
    static_assert(storable<T> && tagged<T>, "this type has no bytes or no tag: describe it with BOOST_DESCRIBE_STRUCT");

  public:
    explicit migration(std::string_view was, const migration_rules& rules = {}) {
        const std::string is = type_tag<T>();
        how_ = detail::plan_migration(was, is, rules, why_not_);
        std::string path;
        if (why_not_.empty() && !detail::fits<T>(how_, path)) why_not_ = detail::why_no_fit(path, was, is);
    }
    // A sentence without its stop: "field 'last.count' was i64 and is i32, which cannot hold every value it had"; of
    // several fields several, with semicolons between them. Empty if values can be read.
    [[nodiscard]] const std::string& why_not() const noexcept { return why_not_; }
    // Throws weir::error of kind state if values cannot be read, or if the bytes cannot be one. What is new keeps what
    // `value` has; after an error that is valid but unspecified.
    void load(binary_reader& reader, T& value) const {
        if (!why_not_.empty()) throw error(error_kind::state, why_not_);
        detail::load_as(reader, value, how_);
    }

  private:
    detail::migration_step how_;
    std::string why_not_;
};

// Why values that were written under the tag `was` cannot be read as T; empty if they can.
template <class T>
[[nodiscard]] std::string why_incompatible(std::string_view was, const migration_rules& rules = {}) {
    return migration<T>(was, rules).why_not();
}

}  // namespace weir

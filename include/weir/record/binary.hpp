// SPDX-License-Identifier: Apache-2.0
// The bytes of a value: canonical (equal values of one type have equal bytes), deterministic, the same on every
// machine. Used for in-memory snapshots and for keys.
//
//   number, char        its bytes, little endian; doubles bit for bit, so -0 and 0 differ
//   bool                one byte, 0 or 1
//   enum                its number in eight bytes
//   time, duration      its count of ticks in eight bytes
//   text                length in four bytes, then the bytes
//   optional            a bool, then the value if there is one
//   array, tuple        the elements one after the other
//   list, map, set      length in four bytes, then the elements
//   described struct    its fields one after the other, without names: record/schema.hpp has those
//   own types           what `void save(binary_writer&) const` writes and `void load(binary_reader&)` reads
//
// Every value takes at least one byte: one without content writes a zero.
#pragma once
#include <utility>
#include <weir/record/binary_buffer.hpp>
#include <weir/record/kind.hpp>

namespace weir {

namespace detail {

template <class T>
[[nodiscard]] constexpr bool is_storable();

template <class T>
struct parts_storable;
template <template <class...> class Pack, class... Part>
struct parts_storable<Pack<Part...>> {
    [[nodiscard]] static constexpr bool of_parts() { return (is_storable<std::remove_cv_t<Part>>() && ...); }
    template <class Record>
    [[nodiscard]] static constexpr bool of_fields() {
        return (is_storable<std::remove_cvref_t<decltype(std::declval<Record&>().*Part::pointer)>>() && ...);
    }
};

template <class T>
constexpr bool is_storable() {
    if constexpr (self_storing<T> || number<T> || std::is_same_v<T, bool> || std::is_same_v<T, char>) {
        return true;
    } else if constexpr (std::is_enum_v<T>) {
        return described_enum<T> || fixed_enum<T>;
    } else if constexpr (std::is_same_v<T, std::string> || instant<T> || span_of_time<T>) {
        return true;
    } else if constexpr (optional_like<T> || list_like<T>) {
        return is_storable<typename T::value_type>();
    } else if constexpr (map_like<T>) {
        return is_storable<typename T::key_type>() && is_storable<typename T::mapped_type>();
    } else if constexpr (sorted_like<T>) {
        return is_storable<typename T::key_type>();
    } else if constexpr (fixed_array<T>) {
        return is_storable<array_element<T>>();
    } else if constexpr (tuple_like<T>) {
        return parts_storable<T>::of_parts();
    } else if constexpr (described<T>) {
        return parts_storable<field_list<T>>::template of_fields<T>();
    } else {
        return false;
    }
}

// A vector of these lies in memory as it is written.
template <class List>
concept block_of_numbers = std::endian::native == std::endian::little && number<typename List::value_type> &&
                           requires(List& list, std::size_t count) {
                               { list.data() } -> std::same_as<typename List::value_type*>;
                               list.resize(count);
                           };

}  // namespace detail

// A type whose values have bytes.
template <class T>
concept storable = detail::is_storable<std::remove_cv_t<T>>();

template <class T>
void save(binary_writer& writer, const T& value);
template <class T>
void load(binary_reader& reader, T& value);
template <class T>
[[nodiscard]] T load(binary_reader& reader) {
    T value{};
    weir::load(reader, value);
    return value;
}

namespace detail {

template <class T>
void save_parts(binary_writer& writer, const T& value) {
    if constexpr (self_storing<T>) {
        value.save(writer);
    } else if constexpr (tuple_like<T>) {
        std::apply([&writer](const auto&... part) { (weir::save(writer, part), ...); }, value);
    } else if constexpr (described<T>) {
        for_each_field(value, [&writer](std::string_view, const auto& field) { weir::save(writer, field); });
    } else {
        for (const auto& element : value) weir::save(writer, element);
    }
}

template <class T>
void load_parts(binary_reader& reader, T& value) {
    if constexpr (self_storing<T>) {
        value.load(reader);
    } else if constexpr (tuple_like<T>) {
        std::apply([&reader](auto&... part) { (weir::load(reader, part), ...); }, value);
    } else if constexpr (described<T>) {
        for_each_field(value, [&reader](std::string_view, auto& field) { weir::load(reader, field); });
    } else {
        for (auto& element : value) weir::load(reader, element);
    }
}

template <class List>
void save_list(binary_writer& writer, const List& list) {
    writer.write_count(list.size());
    if constexpr (block_of_numbers<List>) {
        writer.write_bytes(list.data(), list.size() * sizeof(typename List::value_type));
    } else {
        for (const auto& item : list) weir::save<typename List::value_type>(writer, item);
    }
}

template <class List>
void load_list(binary_reader& reader, List& list) {
    const std::size_t count = reader.read_count();
    list.clear();
    if constexpr (block_of_numbers<List>) {
        const auto bytes = reader.read_bytes(count * sizeof(typename List::value_type));
        list.resize(count);
        if (count != 0) std::memcpy(list.data(), bytes.data(), bytes.size());
    } else {
        for (std::size_t i = 0; i < count; ++i) list.push_back(weir::load<typename List::value_type>(reader));
    }
}

template <class Sorted>
void save_sorted(binary_writer& writer, const Sorted& sorted) {
    writer.write_count(sorted.size());
    for (const auto& item : sorted) {
        if constexpr (map_like<Sorted>) {
            weir::save(writer, item.first);
            weir::save(writer, item.second);
        } else {
            weir::save(writer, item);
        }
    }
}

template <class Sorted>
void load_sorted(binary_reader& reader, Sorted& sorted) {
    const std::size_t count = reader.read_count();
    sorted.clear();
    for (std::size_t i = 0; i < count; ++i) {
        auto key = weir::load<typename Sorted::key_type>(reader);
        if constexpr (map_like<Sorted>) {
            sorted.emplace_hint(sorted.end(), std::move(key), weir::load<typename Sorted::mapped_type>(reader));
        } else {
            sorted.emplace_hint(sorted.end(), std::move(key));
        }
    }
    if (sorted.size() != count) refuse_snapshot("the snapshot is damaged: a map or set holds a key twice");
}

template <class T>
void load_enum(binary_reader& reader, T& value) {
    using number_type = std::underlying_type_t<T>;
    const auto stored = reader.read_fixed<std::int64_t>();
    const auto narrow = static_cast<number_type>(stored);
    bool known = static_cast<std::int64_t>(narrow) == stored;
    if constexpr (!fixed_enum<T>) {
        bool named = false;
        for (const T candidate : enumerators<T>::values) named = named || static_cast<number_type>(candidate) == narrow;
        known = known && named;
    }
    if (!known) refuse_snapshot("the snapshot is damaged: an enum holds a number it cannot have");
    value = static_cast<T>(narrow);
}

template <class Count>
[[nodiscard]] Count load_ticks(binary_reader& reader) {
    const auto stored = reader.read_fixed<std::int64_t>();
    const auto count = static_cast<Count>(stored);
    if (static_cast<std::int64_t>(count) != stored) refuse_snapshot("the snapshot is damaged: a time does not fit");
    return count;
}

template <class T>
void load_optional(binary_reader& reader, T& value) {
    if (reader.read_bool()) {
        value = weir::load<typename T::value_type>(reader);
    } else {
        value.reset();
    }
}

}  // namespace detail

// Appends the bytes of the value. O(size).
template <class T>
void save(binary_writer& writer, const T& value) {
    static_assert(storable<T>, "this type has no bytes: describe the struct, or give it save and load members");
    if constexpr (number<T> || std::is_same_v<T, char>) {
        writer.write_fixed(value);
    } else if constexpr (std::is_same_v<T, bool>) {
        writer.write_fixed(static_cast<std::uint8_t>(value ? 1 : 0));
    } else if constexpr (std::is_enum_v<T>) {
        writer.write_fixed(static_cast<std::int64_t>(static_cast<std::underlying_type_t<T>>(value)));
    } else if constexpr (detail::instant<T>) {
        writer.write_fixed(static_cast<std::int64_t>(value.time_since_epoch().count()));
    } else if constexpr (detail::span_of_time<T>) {
        writer.write_fixed(static_cast<std::int64_t>(value.count()));
    } else if constexpr (std::is_same_v<T, std::string>) {
        writer.write_count(value.size());
        writer.write_bytes(value.data(), value.size());
    } else if constexpr (detail::optional_like<T>) {
        weir::save(writer, value.has_value());
        if (value) weir::save(writer, *value);
    } else if constexpr (!self_storing<T> && detail::sorted_like<T>) {
        detail::save_sorted(writer, value);
    } else if constexpr (!self_storing<T> && detail::list_like<T>) {
        detail::save_list(writer, value);
    } else {
        const std::size_t before = writer.size();
        detail::save_parts(writer, value);
        if (writer.size() == before) writer.write_fixed(std::uint8_t{0});
    }
}

// Reads a value that `save` wrote; throws weir::error of kind `state` if the bytes cannot be one. The value's former
// content is replaced; after an error it is valid but unspecified.
template <class T>
void load(binary_reader& reader, T& value) {
    static_assert(storable<T>, "this type has no bytes: describe the struct, or give it save and load members");
    if constexpr (number<T> || std::is_same_v<T, char>) {
        value = reader.read_fixed<T>();
    } else if constexpr (std::is_same_v<T, bool>) {
        value = reader.read_bool();
    } else if constexpr (std::is_enum_v<T>) {
        detail::load_enum(reader, value);
    } else if constexpr (detail::instant<T>) {
        value = T{typename T::duration{detail::load_ticks<typename T::rep>(reader)}};
    } else if constexpr (detail::span_of_time<T>) {
        value = T{detail::load_ticks<typename T::rep>(reader)};
    } else if constexpr (std::is_same_v<T, std::string>) {
        const auto bytes = reader.read_bytes(reader.read_count());
        value.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    } else if constexpr (detail::optional_like<T>) {
        detail::load_optional(reader, value);
    } else if constexpr (!self_storing<T> && detail::sorted_like<T>) {
        detail::load_sorted(reader, value);
    } else if constexpr (!self_storing<T> && detail::list_like<T>) {
        detail::load_list(reader, value);
    } else {
        const std::size_t before = reader.remaining();
        detail::load_parts(reader, value);
        if (reader.remaining() == before && reader.read_fixed<std::uint8_t>() != 0) {
            detail::refuse_snapshot("the snapshot is damaged: a value without content is not written as zero");
        }
    }
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// A type tag (record/schema.hpp), taken apart: what is known of a type that the program has no more.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/record/binary_buffer.hpp>

namespace weir {

enum class type_kind : std::uint8_t {
    boolean, character, number, text, time, span, enumeration, optional, array, list, map, set, tuple, structure,
    own  // with an encoding of its own, of which only its tag is known
};

enum class number_type : std::uint8_t { i8, i16, i32, i64, u8, u16, u32, u64, f32, f64 };

struct type_tree {
    type_kind kind = type_kind::own;
    number_type number{};        // of a number, and of an enumeration without names
    std::uint64_t length = 0;    // of an array
    std::string text;            // the whole tag
    std::string name;            // of a part: the field of a struct, the value of an enum; else empty
    std::int64_t value = 0;      // of a part of an enum
    std::vector<type_tree> parts;
};

// Of a text that is no tag, nothing. Memory: a few times the text.
[[nodiscard]] std::optional<type_tree> parse_type(std::string_view tag);

// The part of that name, or null.
[[nodiscard]] const type_tree* part_named(const type_tree& type, std::string_view name);

// Whether the bytes of such values can be passed over; if not, `own` is the tag of the type whose encoding is unknown.
[[nodiscard]] bool can_skip(const type_tree& type, std::string& own);
// Passes over a value that weir::save wrote. Throws weir::error of kind state if the bytes cannot be one.
void skip_value(binary_reader& reader, const type_tree& type);

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// as_read<T>: a value together with the text it was read from, for records that must be handed on as they stood.
#pragma once
#include <string>

#include <weir/record/binary.hpp>
#include <weir/record/text.hpp>

namespace weir {

template <text_field T>
struct as_read {
    T value{};
    std::string text;

    [[nodiscard]] text_error read_text(std::string_view field, const text_options& options) {
        const text_error error = parse_field(field, value, options);
        if (error == text_error::none) text.assign(field);
        return error;
    }
    void write_text(std::string& out) const { out += text; }
    friend bool operator==(const as_read&, const as_read&) = default;

    template <class Writer> void save(Writer& writer) const {
        weir::save(writer, value);
        weir::save(writer, text);
    }
    template <class Reader> void load(Reader& reader) {
        weir::load(reader, value);
        weir::load(reader, text);
    }
};

}  // namespace weir

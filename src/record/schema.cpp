// SPDX-License-Identifier: Apache-2.0
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <weir/record/schema.hpp>

namespace weir {

std::string to_string(const schema& described_as) {
    std::string text = "{";
    for (const auto& field : described_as.fields) {
        if (text.size() > 1) text += ", ";
        text += field.name + ": " + field.type;
    }
    return text + "}";
}

std::uint64_t fingerprint(const schema& described_as) {
    // Lengths are hashed with the words, so that no two lists of fields run into the same bytes.
    std::string bytes;
    for (const auto& field : described_as.fields) {
        for (const std::string* word : {&field.name, &field.type}) {
            bytes += std::to_string(word->size()) + ":" + *word;
        }
    }
    return XXH3_64bits(bytes.data(), bytes.size());
}

namespace detail {

std::string number_tag(char kind, std::size_t bytes) { return kind + std::to_string(bytes * 8); }

std::string span_tag(const char* name, std::int64_t numerator, std::int64_t denominator) {
    if (numerator == 1 && denominator == 1'000'000'000) return name;
    return std::string(name) + "<" + std::to_string(numerator) + "/" + std::to_string(denominator) + ">";
}

void append_enum_tag(std::string& tag, std::string_view name, std::int64_t value, std::int64_t expected) {
    if (tag.back() != '{') tag += ',';
    tag += name;
    if (value != expected) tag += "=" + std::to_string(value);
}

}  // namespace detail
}  // namespace weir

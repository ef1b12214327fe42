// SPDX-License-Identifier: Apache-2.0
#include <weir/record/utf8.hpp>

namespace weir {

namespace {

bool continues(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }

// How many bytes the well-formed character at the start takes; 0 if there is none. The second byte's narrower range
// after E0, ED, F0 and F4 is what keeps overlong forms, surrogates and numbers above U+10FFFF out.
std::size_t character_length(const unsigned char* bytes, std::size_t left) {
    const unsigned char first = bytes[0];
    if (first < 0x80) return 1;
    const std::size_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    if (length == 0 || left < length) return 0;
    const unsigned char lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const unsigned char highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (bytes[1] < lowest || bytes[1] > highest) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if (!continues(bytes[i])) return 0;
    }
    return length;
}

}  // namespace

bool detail::is_utf8_beyond_ascii(std::string_view text) noexcept {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = character_length(bytes + at, text.size() - at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

std::string_view cut_text(std::string_view text, std::size_t most_bytes) noexcept {
    if (text.size() <= most_bytes) return text;
    std::size_t length = most_bytes;
    // A character has at most three continuing bytes; more of them in a row is no UTF-8, and any cut is as good.
    for (int steps = 0; steps < 3 && length > 0 && continues(static_cast<unsigned char>(text[length])); ++steps) {
        --length;
    }
    return text.substr(0, length);
}

}  // namespace weir

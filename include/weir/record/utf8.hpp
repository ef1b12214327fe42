// SPDX-License-Identifier: Apache-2.0
// Is a text well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF)?
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir {

namespace detail {
[[nodiscard]] bool is_utf8_beyond_ascii(std::string_view text) noexcept;

[[nodiscard]] inline bool is_ascii(std::string_view text) noexcept {
    const char* next = text.data();
    std::size_t left = text.size();
    std::uint64_t seen = 0;
    for (; left >= 8; next += 8, left -= 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, next, 8);
        seen |= eight;
    }
    for (; left != 0; ++next, --left) seen |= static_cast<unsigned char>(*next);
    return (seen & 0x8080'8080'8080'8080U) == 0;
}
}  // namespace detail

// O(length); nearly free for ASCII.
[[nodiscard]] inline bool is_utf8(std::string_view text) noexcept {
    return detail::is_ascii(text) || detail::is_utf8_beyond_ascii(text);
}

// At most that many bytes of the text, cut between characters.
[[nodiscard]] std::string_view cut_text(std::string_view text, std::size_t most_bytes) noexcept;

}  // namespace weir

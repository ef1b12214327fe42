// SPDX-License-Identifier: Apache-2.0
// CRC32C (Castagnoli; RFC 3720, section 12.1), which guards what is stored. It finds every burst of up to 32 bits, and
// every one, two or three bits that changed, in blocks as small as weir's. By the processor's instruction where it has
// one, else by tables: the number is the same.
#pragma once
#include <cstdint>
#include <string_view>

namespace weir {

// Of all bytes so far, `before` being the number of those that came before these. O(size).
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

namespace detail {
[[nodiscard]] std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t before) noexcept;
// Where this machine has the instruction.
[[nodiscard]] bool has_crc32c_instruction() noexcept;
[[nodiscard]] std::uint32_t crc32c_by_instruction(std::string_view bytes, std::uint32_t before) noexcept;
}  // namespace detail

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

namespace weir::detail {

// Asks for a line of memory that will be needed soon; any address may be given. The empty assembly counts as an effect:
// g++ takes a function that only prefetches for one without effects, and removes calls of it.
[[gnu::always_inline]] inline void fetch_ahead(const void* address) noexcept {
    __builtin_prefetch(address);
    asm volatile("" : : "r"(address));
}
// The same for all lines of `size` bytes that begin `offset` bytes behind the address.
[[gnu::always_inline]] inline void fetch_ahead(const void* address, std::size_t offset, std::size_t size) noexcept {
    const auto begin = reinterpret_cast<std::uintptr_t>(address) + offset;
    for (std::size_t line = 0; line < size; line += 64) fetch_ahead(reinterpret_cast<const void*>(begin + line));
}

}  // namespace weir::detail

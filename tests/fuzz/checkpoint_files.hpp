// SPDX-License-Identifier: Apache-2.0
// Files of checkpoints made by hand, as src/runtime/checkpoint_format.md says: whatever the content, the CRCs are
// right, so that the fuzzer reaches what lies behind them.
#pragma once
#include "fuzz.hpp"

#include <weir/base/crc32c.hpp>

namespace weir_fuzz {

template <class T>
void put(std::string& to, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) to += static_cast<char>(value >> (8 * i));
}

inline constexpr std::uint64_t job = 7;
inline constexpr std::string_view folder = "s";

inline std::string sealed(char kind, std::uint64_t file, std::uint64_t epoch, std::string_view content,
                          std::uint64_t items) {
    constexpr std::size_t most = 65'528;
    std::string bytes = "\x89weir\r\n";
    bytes += kind;
    put(bytes, std::uint32_t{1});
    put(bytes, std::uint32_t{0});
    put(bytes, job);
    put(bytes, file);
    put(bytes, std::uint64_t{1});  // incarnation
    put(bytes, epoch);
    put(bytes, std::uint32_t{64});
    put(bytes, std::uint32_t{65'536});
    put(bytes, std::uint32_t{0});
    put(bytes, weir::crc32c(bytes));
    std::uint64_t index = 0;
    const auto block = [&](std::uint32_t length, std::string_view part) {
        std::string guarded;
        put(guarded, file);
        put(guarded, index);
        put(guarded, length);
        guarded += part;
        put(bytes, length);
        put(bytes, weir::crc32c(guarded));
        bytes += part;
    };
    std::string totals;
    for (std::string_view left = content; !left.empty(); ++index) {
        const std::string_view part = left.substr(0, most);
        block(static_cast<std::uint32_t>(part.size()), part);
        left.remove_prefix(part.size());
    }
    put(totals, index);
    put(totals, static_cast<std::uint64_t>(content.size()));
    put(totals, items);
    block(0x8000'0018U, totals);
    return bytes;
}

}  // namespace weir_fuzz

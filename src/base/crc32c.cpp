// SPDX-License-Identifier: Apache-2.0
#include <weir/base/crc32c.hpp>

#include <array>
#include <bit>
#include <cstring>

namespace weir {
namespace {

constexpr std::uint32_t polynomial = 0x82f63b78U;  // its bits from the lowest power

// tables[n][byte]: what a byte does to the number once n more bytes have followed it.
constexpr auto tables = [] {
    std::array<std::array<std::uint32_t, 256>, 8> made{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? polynomial : 0U);
        made[0][byte] = crc;
    }
    for (std::size_t n = 1; n < made.size(); ++n) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t before = made[n - 1][byte];
            made[n][byte] = (before >> 8U) ^ made[0][before & 0xffU];
        }
    }
    return made;
}();

std::uint64_t eight_bytes(const char* from) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    if constexpr (std::endian::native == std::endian::big) {
        std::uint64_t turned = 0;
        for (int i = 0; i < 8; ++i) turned = (turned << 8U) | ((word >> (8 * i)) & 0xffU);
        word = turned;
    }
    return word;
}

}  // namespace

namespace detail {

std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t before) noexcept {
    std::uint32_t crc = ~before;
    while (bytes.size() >= 8) {
        const std::uint64_t word = eight_bytes(bytes.data()) ^ crc;
        crc = 0;
        for (std::size_t i = 0; i < 8; ++i) crc ^= tables[7 - i][(word >> (8 * i)) & 0xffU];
        bytes.remove_prefix(8);
    }
    for (const char each : bytes) crc = (crc >> 8U) ^ tables[0][(crc ^ static_cast<unsigned char>(each)) & 0xffU];
    return ~crc;
}

#if defined(__x86_64__)
bool has_crc32c_instruction() noexcept { return __builtin_cpu_supports("sse4.2") != 0; }

__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(std::string_view bytes,
                                                                      std::uint32_t before) noexcept {
    std::uint64_t crc = ~before;
    while (bytes.size() >= 8) {
        crc = __builtin_ia32_crc32di(crc, eight_bytes(bytes.data()));
        bytes.remove_prefix(8);
    }
    auto rest = static_cast<std::uint32_t>(crc);
    for (const char each : bytes) rest = __builtin_ia32_crc32qi(rest, static_cast<unsigned char>(each));
    return ~rest;
}
#else
bool has_crc32c_instruction() noexcept { return false; }
std::uint32_t crc32c_by_instruction(std::string_view bytes, std::uint32_t before) noexcept {
    return crc32c_by_table(bytes, before);
}
#endif

}  // namespace detail

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) noexcept {
    static const bool by_instruction = detail::has_crc32c_instruction();
    return by_instruction ? detail::crc32c_by_instruction(bytes, before) : detail::crc32c_by_table(bytes, before);
}

}  // namespace weir

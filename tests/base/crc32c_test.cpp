// SPDX-License-Identifier: Apache-2.0
#include <weir/base/crc32c.hpp>

#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <string>

namespace {

// Bit by bit, as the definition says.
std::uint32_t by_definition(std::string_view bytes, std::uint32_t before) {
    std::uint32_t crc = ~before;
    for (const char each : bytes) {
        crc ^= static_cast<unsigned char>(each);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
    }
    return ~crc;
}

}  // namespace

TEST_CASE("CRC32C of the examples of RFC 3720 and RFC 7143", "[base]") {
    CHECK(weir::crc32c("") == 0);
    CHECK(weir::crc32c("123456789") == 0xe3069283U);
    CHECK(weir::crc32c(std::string(32, '\0')) == 0x8a9136aaU);
    CHECK(weir::crc32c(std::string(32, '\xff')) == 0x62a8ab43U);
    std::string rising;
    for (char i = 0; i < 32; ++i) rising += i;
    CHECK(weir::crc32c(rising) == 0x46dd794eU);
}

TEST_CASE("the instruction, the tables and the definition give one number", "[base]") {
    const bool holds = rc::check([](const std::string& bytes, std::uint32_t before) {
        const std::uint32_t wanted = by_definition(bytes, before);
        RC_ASSERT(weir::detail::crc32c_by_table(bytes, before) == wanted);
        RC_ASSERT(weir::crc32c(bytes, before) == wanted);
        if (weir::detail::has_crc32c_instruction()) {
            RC_ASSERT(weir::detail::crc32c_by_instruction(bytes, before) == wanted);
        }
    });
    CHECK(holds);
    if (!weir::detail::has_crc32c_instruction()) WARN("this machine has no instruction for CRC32C: tables only");
}

TEST_CASE("CRC32C of bytes in pieces is that of the whole, wherever they lie in memory", "[base]") {
    std::string bytes;
    for (int i = 0; i < 300; ++i) bytes += static_cast<char>(i * 37 + i / 7);
    const std::string_view all = bytes;
    for (std::size_t first = 0; first < 16; ++first) {
        const std::string_view part = all.substr(first);
        for (const std::size_t cut : {0U, 1U, 7U, 8U, 9U, 63U, 100U}) {
            CHECK(weir::crc32c(part.substr(cut), weir::crc32c(part.substr(0, cut))) == weir::crc32c(part));
            CHECK(weir::detail::crc32c_by_table(part, 5) == by_definition(part, 5));
            if (weir::detail::has_crc32c_instruction()) {
                CHECK(weir::detail::crc32c_by_instruction(part, 5) == by_definition(part, 5));
            }
        }
    }
}

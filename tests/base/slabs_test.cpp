// SPDX-License-Identifier: Apache-2.0
#include <weir/base/slabs.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <cstring>
#include <vector>

TEST_CASE("pieces of slabs are aligned, and do not overlap", "[base]") {
    weir::detail::slabs memory;
    struct piece {
        unsigned char* begin;
        std::size_t size;
        unsigned char mark;
    };
    std::vector<piece> pieces;
    const std::size_t sizes[] = {1, 24, 640, 4096, 100'000, 5'000'000};
    const std::size_t alignments[] = {1, 8, 64, 4096};
    for (std::size_t i = 0; i < 3000; ++i) {
        const std::size_t size = sizes[i % 100 == 0 ? i / 100 % 6 : i % 3];
        const std::size_t alignment = alignments[i % 4];
        auto* const begin = static_cast<unsigned char*>(memory.take(size, alignment));
        REQUIRE(reinterpret_cast<std::uintptr_t>(begin) % alignment == 0);
        std::memset(begin, static_cast<int>(i % 251), size);
        pieces.push_back({begin, size, static_cast<unsigned char>(i % 251)});
    }
    std::size_t taken = 0;
    for (const piece& each : pieces) {
        REQUIRE(each.begin[0] == each.mark);
        REQUIRE(each.begin[each.size - 1] == each.mark);
        taken += each.size;
    }
    CHECK(memory.memory() >= taken);
}

TEST_CASE("few small pieces take little memory", "[base]") {
    weir::detail::slabs memory;
    static_cast<void>(memory.take(100, 8));
    CHECK(memory.memory() <= 16384);
}

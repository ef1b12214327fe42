// SPDX-License-Identifier: Apache-2.0
// Blocks that are used again.
#include <weir/base/spare_blocks.hpp>

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using weir::detail::own_spare_blocks;
using weir::detail::spare_allocator;
using weir::detail::spare_blocks;

TEST_CASE("a block given back is the next of its size", "[base]") {
    const own_spare_blocks owner;
    spare_blocks& blocks = *owner.get();
    void* const small = blocks.take(100);
    void* const large = blocks.take(5000);
    blocks.give(small, 100);
    blocks.give(large, 5000);
    void* const other = blocks.take(200);
    CHECK(other != small);
    CHECK(other != large);
    CHECK(blocks.take(5001) == large);
    CHECK(blocks.take(97) == small);
    blocks.give(other, 200);
    blocks.give(small, 97);
    blocks.give(large, 5001);
}

TEST_CASE("a block has room for every size of its list", "[base]") {
    const own_spare_blocks owner;
    for (std::size_t size = 1; size < 5'000'000; size += 1 + size / 37) {
        void* const block = owner.get()->take(size);
        std::memset(block, 1, size);
        owner.get()->give(block, size);
        // The largest of the same list would overrun it, if lists held blocks of several sizes.
        void* const larger = owner.get()->take(size + size / 8);
        std::memset(larger, 2, size + size / 8);
        owner.get()->give(larger, size + size / 8);
    }
}

TEST_CASE("a copy keeps blocks of its own", "[base]") {
    const own_spare_blocks one;
    own_spare_blocks other = one;
    CHECK(other.get() != one.get());
    other = one;
    CHECK(other.get() != one.get());
}

TEST_CASE("blocks outlive their first owner as long as somebody holds them", "[base]") {
    auto first = std::make_unique<own_spare_blocks>();
    const auto held = first->get();
    std::basic_string<char, std::char_traits<char>, spare_allocator<char>> text(
        300, 'x', spare_allocator<char>{held.get()});
    first.reset();
    text.append(1000, 'y');
    CHECK(text.size() == 1300);
}

TEST_CASE("without a collection the system is asked", "[base]") {
    std::vector<std::uint64_t, spare_allocator<std::uint64_t>> list(spare_allocator<std::uint64_t>{nullptr});
    for (std::uint64_t i = 0; i < 1000; ++i) list.push_back(i);
    CHECK(list.back() == 999);
}

TEST_CASE("several threads may take from one collection", "[base]") {
    const own_spare_blocks owner;
    std::vector<std::thread> threads;
    std::vector<std::uint64_t> wrong(3, 0);
    for (std::size_t own = 0; own < wrong.size(); ++own) {
        threads.emplace_back([&, own] {
            for (std::size_t round = 0; round < 3000; ++round) {
                void* const block = owner.get()->take(64 + round % 64);
                std::memset(block, static_cast<int>(own), 64);
                const auto* bytes = static_cast<const unsigned char*>(block);
                for (std::size_t i = 0; i < 64; ++i) wrong[own] += bytes[i] != own ? 1U : 0U;
                owner.get()->give(block, 64 + round % 64);
            }
        });
    }
    for (std::thread& each : threads) each.join();
    CHECK(wrong == std::vector<std::uint64_t>(3, 0));
}

// SPDX-License-Identifier: Apache-2.0
#include <weir/base/stable_hash.hpp>

#include <catch2/catch.hpp>
#include <set>
#include <vector>

using namespace std::chrono_literals;

namespace {
enum class small : std::int8_t { minus = -1, one = 1 };
}

TEST_CASE("hashes are the same for ever", "[base]") {
    // The first outputs of splitmix64 from 0, and published values of XXH3.
    CHECK(weir::mix_bits(0) == 0xe220a8397b1dcdafU);
    CHECK(weir::mix_bits(0x9e3779b97f4a7c15U) == 0x6e789e6aa1b965f4U);
    CHECK(weir::stable_hash("") == 0x2d06800538d394c2U);
    CHECK(weir::stable_hash("a") == 0xe6c632b61e964e1fU);
    CHECK(weir::stable_hash("abc") == 0x78af5f94892f3950U);
    STATIC_REQUIRE(weir::stable_hash(7) == weir::mix_bits(7));
}

TEST_CASE("equal numbers of any width and kind hash alike", "[base]") {
    CHECK(weir::stable_hash(std::int8_t{-1}) == weir::stable_hash(std::int64_t{-1}));
    CHECK(weir::stable_hash(std::uint8_t{200}) == weir::stable_hash(std::uint64_t{200}));
    CHECK(weir::stable_hash(small::minus) == weir::stable_hash(-1));
    CHECK(weir::stable_hash(5ns) == weir::stable_hash(5));
    CHECK(weir::stable_hash(std::chrono::sys_time<std::chrono::nanoseconds>{5ns}) == weir::stable_hash(5));
    CHECK(weir::stable_hash(std::string("text")) == weir::stable_hash(std::string_view("text")));
}

TEST_CASE("different numbers have different hashes, spread over all shards", "[base]") {
    std::set<std::uint64_t> seen;
    std::vector<int> shards(128, 0);
    for (std::uint64_t i = 0; i < 20000; ++i) {
        seen.insert(weir::stable_hash(i));
        ++shards[weir::stable_hash(i) >> 57];
    }
    CHECK(seen.size() == 20000);
    for (const int count : shards) CHECK((count > 90 && count < 240));
}

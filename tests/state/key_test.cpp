// SPDX-License-Identifier: Apache-2.0
#include <weir/state/key.hpp>

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <tuple>
#include <weir/record/describe.hpp>
#include <weir/time/timestamp.hpp>

namespace key_test {
struct place {
    std::uint32_t row = 0;
    std::string column;
    friend bool operator==(const place&, const place&) = default;
};
BOOST_DESCRIBE_STRUCT(place, (), (row, column))
struct measured {
    double length = 0;
    friend bool operator==(const measured&, const measured&) = default;
};
struct unknown {
    int number = 0;
    friend bool operator==(const unknown&, const unknown&) = default;
};
enum class colour : std::uint16_t { red, green };
}  // namespace key_test
using namespace key_test;

TEST_CASE("what can be a key", "[state]") {
    STATIC_REQUIRE(weir::stably_hashable<int>);
    STATIC_REQUIRE(weir::stably_hashable<bool>);
    STATIC_REQUIRE(weir::stably_hashable<std::uint64_t>);
    STATIC_REQUIRE(weir::stably_hashable<colour>);
    STATIC_REQUIRE(weir::stably_hashable<weir::timestamp>);
    STATIC_REQUIRE(weir::stably_hashable<std::string>);
    STATIC_REQUIRE(weir::stably_hashable<place>);
    STATIC_REQUIRE(weir::stably_hashable<std::tuple<int, std::string>>);
    STATIC_REQUIRE_FALSE(weir::stably_hashable<double>);
    STATIC_REQUIRE_FALSE(weir::stably_hashable<std::tuple<int, double>>);
    STATIC_REQUIRE_FALSE(weir::stably_hashable<std::pair<float, int>>);
    STATIC_REQUIRE_FALSE(weir::stably_hashable<measured>);
    STATIC_REQUIRE_FALSE(weir::stably_hashable<unknown>);
}

TEST_CASE("keys have stable hashes", "[state]") {
    CHECK(weir::key_hash(std::uint32_t{7}) == weir::stable_hash(7));
    CHECK(weir::key_hash(std::string("card")) == weir::stable_hash("card"));
    // The canonical bytes of {1, "ab"}: four bytes, a length in four bytes, the text.
    const char bytes[] = "\x01\0\0\0\x02\0\0\0ab";
    CHECK(weir::key_hash(place{1, "ab"}) == weir::hash_bytes(bytes, 10));
    CHECK(weir::key_hash(std::tuple{std::uint32_t{1}, std::string("ab")}) == weir::key_hash(place{1, "ab"}));
    CHECK(weir::key_hash(place{1, "ab"}) != weir::key_hash(place{2, "ab"}));
}

TEST_CASE("words tell keys apart that share a hash", "[state]") {
    CHECK(weir::tie_words(7).empty());
    CHECK(weir::tie_words(colour::green).empty());
    std::map<weir::detail::key_words, std::string> seen;
    for (const std::string key : {"", "a", "b", "ab", "ba", "a longer key", "a longer kex", "12345678", "123456789"}) {
        CAPTURE(key);
        CHECK(seen.try_emplace(weir::tie_words(key), key).second);
    }
    CHECK(seen.try_emplace(weir::tie_words(std::string("a\0", 2)), "").second);
    CHECK(seen.try_emplace(weir::tie_words(std::string("\0", 1)), "").second);
    CHECK(weir::tie_words(std::string("a")) < weir::tie_words(std::string("b")));
    CHECK(weir::tie_words(std::string("\x7f")) < weir::tie_words(std::string("\x80")));
    for (const auto& [words, key] : seen) {  // the highest bit is for the words of stages in a turn
        for (const std::uint64_t word : words) CHECK(word >> 63 == 0);
    }
    for (const std::uint64_t word : weir::tie_words(std::string(20, '\xff'))) CHECK(word >> 63 == 0);
    CHECK(weir::tie_words(place{1, "a"}) != weir::tie_words(place{1, "b"}));
}

// SPDX-License-Identifier: Apache-2.0
#include <weir/state/keyed_store.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>
#include <weir/testing/simulation.hpp>

namespace {

// Places keys as the store must walk them: by hash, then by the words of their encoding.
template <class Key> struct place_of_key {
    std::uint64_t hash;
    weir::detail::key_words words;
    Key key;
    friend bool operator<(const place_of_key& left, const place_of_key& right) {
        return std::tie(left.hash, left.words) < std::tie(right.hash, right.words);
    }
};
template <class Key> place_of_key<Key> place(const Key& key, std::uint64_t hash) {
    return {hash, weir::tie_words(key), key};
}

// Random inserts, finds, erases, retains and clears, against a std::map. hash(key) may be as bad as it likes.
template <class Key, class MakeKey, class Hash>
void check_store(std::uint64_t seed, std::uint64_t keys, MakeKey make_key, Hash hash) {
    weir::testing::seeded choose(seed);
    weir::keyed_store<Key, std::unique_ptr<std::uint64_t>> store;  // values that cannot be copied, and would leak
    std::map<place_of_key<Key>, std::uint64_t> oracle;
    const auto compare = [&] {
        REQUIRE(store.size() == oracle.size());
        auto expected = oracle.begin();
        bool same = true;
        store.for_each([&](auto& each) {
            same = same && expected != oracle.end() && each.key == expected->first.key &&
                   each.hash() == expected->first.hash && *each.value == expected->second;
            if (expected != oracle.end()) ++expected;
        });
        REQUIRE(same);
        REQUIRE(expected == oracle.end());
    };
    for (std::uint64_t step = 0; step < 4000; ++step) {
        const Key key = make_key(choose.below(keys));
        const std::uint64_t hashed = hash(key);
        const auto known = oracle.find(place(key, hashed));
        const auto* found = store.find(key, hashed);
        REQUIRE((found != nullptr) == (known != oracle.end()));
        if (found != nullptr) REQUIRE(*found->value == known->second);
        switch (choose.below(8)) {
            case 0:
            case 1:
                store.erase(key, hashed);
                if (known != oracle.end()) oracle.erase(known);
                break;
            case 2:
                if (choose.one_in(40)) {
                    const std::uint64_t keep = choose.below(4);
                    store.retain([&](auto& each) { return *each.value % 4 != keep; });
                    std::erase_if(oracle, [&](const auto& each) { return each.second % 4 == keep; });
                    compare();
                } else if (choose.one_in(200)) {
                    store.clear();
                    oracle.clear();
                }
                break;
            default: {
                auto& entry = store.find_or_add(key, hashed, [&] { return std::make_unique<std::uint64_t>(step); });
                REQUIRE(*entry.value == oracle.try_emplace(place(key, hashed), step).first->second);
                *entry.value += 1;
                ++oracle.find(place(key, hashed))->second;
            }
        }
        if (step % 97 == 0) compare();
    }
    compare();
    // Shard by shard the walk is the same walk.
    auto expected = oracle.begin();
    for (unsigned shard = 0; shard < 128; ++shard) {
        store.for_each_of_shard(shard, [&](const auto& each) {
            REQUIRE(expected != oracle.end());
            REQUIRE(each.hash() >> 57 == shard);
            REQUIRE(each.key == expected->first.key);
            ++expected;
        });
    }
    REQUIRE(expected == oracle.end());
}

std::string name_of(std::uint64_t number) {
    return number % 3 == 0 ? std::to_string(number) : "a longer name, of key number " + std::to_string(number);
}

}  // namespace

TEST_CASE("the keyed store is a map in order of hash and encoding", "[state]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    const std::uint64_t keys = GENERATE(1U, 20U, 700U, 100000U);
    CAPTURE(seed, keys);
    const auto number = [](std::uint64_t each) { return each; };
    check_store<std::uint64_t>(seed, keys, number, [](std::uint64_t key) { return weir::stable_hash(key); });
    check_store<std::string>(seed, keys, name_of, [](const std::string& key) { return weir::stable_hash(key); });
}

TEST_CASE("the keyed store tells keys apart whose hashes collide, or crowd at the ends", "[state]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    check_store<std::string>(seed, 60, name_of, [](const std::string&) { return std::uint64_t{7} << 57; });
    check_store<std::string>(seed, 300, name_of, [](const std::string& key) { return key.size() % 3; });
    check_store<std::string>(seed, 300, name_of,
                             [](const std::string& key) { return ~std::uint64_t{0} - key.size() % 2; });
    const auto digits = [](std::uint64_t each) { return std::to_string(each); };
    check_store<std::string>(seed, 500, digits, [](const std::string& key) { return ~std::stoull(key); });
    check_store<std::string>(seed, 500, digits, [](const std::string& key) { return std::stoull(key); });
}

TEST_CASE("entries of the keyed store stay where they are", "[state]") {
    weir::keyed_store<std::uint64_t, int> store;
    std::vector<weir::keyed_store<std::uint64_t, int>::entry*> places;
    for (std::uint64_t key = 0; key < 5000; ++key) {
        places.push_back(&store.find_or_add(key, weir::stable_hash(key), [&] { return static_cast<int>(key); }));
    }
    for (std::uint64_t key = 0; key < 5000; key += 2) store.erase(key, weir::stable_hash(key));
    for (std::uint64_t key = 1; key < 5000; key += 2) {
        REQUIRE(store.find(key, weir::stable_hash(key)) == places[key]);
        REQUIRE(places[key]->value == static_cast<int>(key));
    }
    // Places are used again: memory does not grow while keys come and go.
    const std::size_t memory = store.memory();
    for (std::uint64_t key = 10000; key < 12500; ++key)
        store.find_or_add(key, weir::stable_hash(key), [] { return 0; });
    CHECK(store.memory() == memory);
}

TEST_CASE("a store with room for its keys takes them in any order, and more of them", "[state]") {
    const std::uint64_t reserved = GENERATE(0U, 100U, 5'000U);
    const bool in_order = GENERATE(false, true);
    CAPTURE(reserved, in_order);
    // Of the shards from 32 to 63, and a few of others.
    std::map<std::uint64_t, std::uint64_t> by_hash;
    for (std::uint64_t key = 0; by_hash.size() < 5'000; ++key) {
        const std::uint64_t hash = weir::key_hash(key);
        if (hash >> 62U == 1 || key % 50 == 0) by_hash.emplace(hash, key);
    }
    std::vector<std::uint64_t> keys;
    for (const auto& [hash, key] : by_hash) keys.push_back(key);
    if (!in_order) std::sort(keys.begin(), keys.end());
    weir::keyed_store<std::uint64_t, std::uint64_t> store;
    store.reserve(reserved, std::uint64_t{1} << 62U, (std::uint64_t{1} << 63U) - 1);
    for (const std::uint64_t key : keys) {
        REQUIRE(store.find(key, weir::key_hash(key)) == nullptr);
        store.find_or_add(key, weir::key_hash(key), [&] { return key + 1; });
    }
    REQUIRE(store.size() == keys.size());
    auto expected = by_hash.begin();
    store.for_each([&](const auto& each) {
        CHECK(each.key == expected->second);
        CHECK(each.value == each.key + 1);
        ++expected;
    });
    CHECK(expected == by_hash.end());
    // Only an empty store makes room.
    store.reserve(1'000'000, 0, ~std::uint64_t{0});
    for (const std::uint64_t key : keys) CHECK(store.find(key, weir::key_hash(key))->value == key + 1);
}

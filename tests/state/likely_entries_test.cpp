// SPDX-License-Identifier: Apache-2.0
#include <weir/state/likely_entries.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <vector>
#include <weir/testing/simulation.hpp>

// Keys come, and now and then many go, in the middle of a group, whose guesses must then not be trusted. Heads of
// hashes come with the keys, or are made from them; even wrong ones only cost time.
TEST_CASE("what groups of keys find is what finding each key finds", "[state]") {
    const std::uint64_t seed = GENERATE(range(1U, 7U));
    enum class heads_are { missing, right, wrong };
    const heads_are given = GENERATE(heads_are::missing, heads_are::right, heads_are::wrong);
    CAPTURE(seed, static_cast<int>(given));
    weir::testing::seeded choose(seed);
    weir::keyed_store<std::uint64_t, std::string> store;
    std::map<std::uint64_t, std::string> oracle;
    std::vector<std::uint64_t> keys;
    for (int i = 0; i < 5000; ++i) keys.push_back(choose.below(seed % 2 == 0 ? 40 : 3000));
    std::vector<std::uint32_t> heads;
    for (const std::uint64_t key : keys) {
        heads.push_back(weir::head_of(weir::key_hash(given == heads_are::wrong ? key + 1 : key)));
    }
    std::size_t fetched = 0;
    const auto key_at = [&](std::size_t i) -> const std::uint64_t& { return keys[i]; };
    const auto fetch = [&](const auto& each) { fetched += each.value.empty() ? 0U : 1U; };
    const auto take = [&](const auto& group) {
        for (std::size_t i = group.begin(); i < group.end(); ++i) {
            auto& each = group.find_or_add(store, i, keys[i], [] { return std::string("a value that owns memory: "); });
            std::string& known = oracle.try_emplace(keys[i], "a value that owns memory: ").first->second;
            REQUIRE(each.key == keys[i]);
            REQUIRE(each.value == known);
            each.value += 'x';
            known += 'x';
            if (!choose.one_in(100)) continue;
            const std::uint64_t kept = choose.below(5);
            store.retain([&](const auto& entry) { return entry.key % 5 == kept; });
            std::erase_if(oracle, [&](const auto& entry) { return entry.first % 5 != kept; });
        }
    };
    const std::uint32_t* const head_of_keys = given == heads_are::missing ? nullptr : heads.data();
    weir::detail::take_in_groups(store, 0, keys.size(), key_at, head_of_keys, take, fetch);
    CHECK(store.size() == oracle.size());
    CHECK(fetched > 0);
}

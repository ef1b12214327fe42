// SPDX-License-Identifier: Apache-2.0
#include <weir/state/timers.hpp>

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <tuple>
#include <weir/testing/simulation.hpp>

namespace {

template <class Key> using place = std::tuple<weir::timestamp, std::uint64_t, weir::detail::key_words, Key>;

// Against a std::set, in which a timer that is set twice is one.
template <class Key, class MakeKey, class Hash> void check_timers(std::uint64_t seed, MakeKey make_key, Hash hash) {
    weir::testing::seeded choose(seed);
    weir::timers<Key> tested;
    std::set<place<Key>> oracle;
    typename weir::timers<Key>::timer taken;
    for (int step = 0; step < 3000; ++step) {
        if (!choose.one_in(3)) {
            const Key key = make_key(choose.below(20));
            const weir::timestamp due{weir::duration{choose.below(60)}};
            tested.set(due, key, hash(key));
            oracle.insert({due, hash(key), weir::tie_words(key), key});
        } else {
            const weir::timestamp limit{weir::duration{choose.below(60)}};
            while (tested.take(limit, taken)) {
                REQUIRE_FALSE(oracle.empty());
                const auto& [due, hashed, words, key] = *oracle.begin();
                REQUIRE(taken.due == due);
                REQUIRE(taken.hash == hashed);
                REQUIRE(taken.key == key);
                oracle.erase(oracle.begin());
            }
            REQUIRE((oracle.empty() || std::get<0>(*oracle.begin()) >= limit));
        }
        REQUIRE(tested.next_due() == (oracle.empty() ? weir::time_highest : std::get<0>(*oracle.begin())));
    }
    REQUIRE(tested.size() >= oracle.size());
    std::size_t visited = 0;
    tested.for_each([&](const auto&) { ++visited; });
    REQUIRE(visited == tested.size());
}

}  // namespace

TEST_CASE("timers fire in order of time and key, each once", "[state]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U, 4U);
    CAPTURE(seed);
    check_timers<std::uint32_t>(
        seed, [](std::uint64_t number) { return static_cast<std::uint32_t>(number); },
        [](std::uint32_t key) { return weir::stable_hash(key); });
    const auto name = [](std::uint64_t number) { return "key " + std::to_string(number * number); };
    check_timers<std::string>(seed, name, [](const std::string& key) { return weir::stable_hash(key); });
    check_timers<std::string>(seed, name, [](const std::string& key) { return key.size() % 2; });  // hashes collide
}

TEST_CASE("timers near and far, early and late, in floods and alone", "[state]") {
    const std::uint64_t seed = GENERATE(range(1U, 13U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    weir::timers<std::uint64_t> tested;
    std::set<std::tuple<weir::timestamp, std::uint64_t, std::uint64_t>> oracle;
    weir::timers<std::uint64_t>::timer taken;
    weir::timestamp now = seed % 3 == 0 ? weir::time_lowest : weir::timestamp{weir::duration{-500}};
    const auto set = [&](weir::timestamp due) {
        const std::uint64_t key = choose.below(40);
        tested.set(due, key, weir::stable_hash(key));
        oracle.insert({due, weir::stable_hash(key), key});
    };
    const auto just_before = [](weir::timestamp at, weir::duration by) {
        return weir::saturating_add(at, by) - weir::one_tick;
    };
    for (int step = 0; step < 400; ++step) {
        const auto reach = weir::duration{std::int64_t{1} << choose.below(60)};
        const auto later = [&] { return weir::duration{choose.below(static_cast<std::uint64_t>(reach.count())) + 1}; };
        switch (choose.below(6)) {
            case 0:
                for (std::uint64_t i = choose.below(900); i > 0; --i) set(just_before(now, later()));
                break;
            case 1:
                for (std::uint64_t i = choose.below(600); i > 0; --i) set(just_before(now, reach));
                break;
            case 2: set(weir::saturating_sub(now, later())); break;  // before what has fired
            case 3: set(weir::time_highest - weir::one_tick); break;
            default: {
                const bool all = choose.one_in(40);
                const weir::timestamp limit = all ? weir::time_highest : weir::saturating_add(now, later());
                while (tested.take(limit, taken)) {
                    REQUIRE_FALSE(oracle.empty());
                    REQUIRE(std::tuple{taken.due, taken.hash, taken.key} == *oracle.begin());
                    oracle.erase(oracle.begin());
                    // A handler sets later ones.
                    if (choose.one_in(4) && taken.due < limit) set(just_before(taken.due, later()));
                }
                REQUIRE((oracle.empty() || std::get<0>(*oracle.begin()) >= limit));
                if (limit != weir::time_highest) now = std::max(now, limit);
            }
        }
        REQUIRE(tested.next_due() == (oracle.empty() ? weir::time_highest : std::get<0>(*oracle.begin())));
    }
}

TEST_CASE("a timer is due only below the limit", "[state]") {
    weir::timers<int> tested;
    weir::timers<int>::timer taken;
    CHECK(tested.next_due() == weir::time_highest);
    CHECK_FALSE(tested.take(weir::time_highest, taken));
    const weir::timestamp due{weir::duration{5}};
    tested.set(due, 1, weir::stable_hash(1));
    CHECK_FALSE(tested.take(due, taken));
    CHECK(tested.take(due + weir::one_tick, taken));
    CHECK(taken.key == 1);
}

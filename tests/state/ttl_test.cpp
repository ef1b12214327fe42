// SPDX-License-Identifier: Apache-2.0
#include <weir/state/ttl.hpp>

#include <catch2/catch.hpp>
#include <map>
#include <weir/state/keyed_store.hpp>
#include <weir/testing/seeded.hpp>

using namespace std::chrono_literals;
using weir::timestamp;

namespace {

using store_type = weir::keyed_store<std::uint32_t, weir::detail::mortal<int>>;

timestamp nanosecond(std::int64_t count) { return timestamp{weir::duration{count}}; }
auto& entry_of(store_type& store, std::uint32_t key) {
    return store.find_or_add(key, weir::key_hash(key), [] { return weir::detail::mortal<int>{0}; });
}

void end_next(store_type& store, weir::detail::expiries<std::uint32_t>& ends) {
    const timestamp due = ends.next();
    auto* const woken = ends.take_next(store);
    if (woken == nullptr) return;
    if (woken->value.until - weir::one_tick > due) return ends.wake(*woken, woken->value.until - weir::one_tick);
    const std::uint32_t key = woken->key;
    store.erase(key, weir::key_hash(key));
}

}  // namespace

TEST_CASE("lives end when they do by definition, whatever is touched, erased and made again", "[state]") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        weir::testing::seeded choose(seed);
        store_type store;
        weir::detail::expiries<std::uint32_t> ends;
        std::map<std::uint32_t, timestamp> wanted;
        std::int64_t clock = -100;
        for (int step = 0; step < 400; ++step) {
            clock += static_cast<std::int64_t>(choose.below(6));
            while (ends.next() < nanosecond(clock)) end_next(store, ends);
            std::erase_if(wanted, [&](const auto& each) { return each.second <= nanosecond(clock); });
            const auto key = static_cast<std::uint32_t>(choose.below(12));
            if (choose.one_in(6)) {
                store.erase(key, weir::key_hash(key));
                wanted.erase(key);
            } else {
                const timestamp at = nanosecond(clock + static_cast<std::int64_t>(choose.below(9)));
                ends.touch(entry_of(store, key), at, 20ns);
                auto& until = wanted.try_emplace(key, weir::time_lowest).first->second;
                until = std::max(until, at + 20ns);
            }
            REQUIRE(store.size() == wanted.size());
            for (const auto& [each, until] : wanted) {
                const auto* const entry = store.find(each, weir::key_hash(each));
                REQUIRE(entry != nullptr);
                REQUIRE(entry->value.until == until);
            }
        }
        while (ends.next() < weir::time_highest) end_next(store, ends);
        CHECK(store.size() == 0);
    }
}

TEST_CASE("a touch costs no timer", "[state]") {
    store_type store;
    weir::detail::expiries<std::uint32_t> ends;
    for (int i = 0; i < 1000; ++i) ends.touch(entry_of(store, 1), nanosecond(i), 10ns);
    CHECK(ends.next() == nanosecond(9));  // of the first touch
    end_next(store, ends);
    CHECK(ends.next() == nanosecond(1008));
    CHECK(store.size() == 1);
    end_next(store, ends);
    CHECK(store.size() == 0);
    CHECK(ends.next() == weir::time_highest);
}

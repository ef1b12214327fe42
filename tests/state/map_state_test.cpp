// SPDX-License-Identifier: Apache-2.0
#include <weir/state/map_state.hpp>

#include <catch2/catch.hpp>
#include <weir/record/describe.hpp>
#include <weir/testing/seeded.hpp>

using namespace std::chrono_literals;
using weir::timestamp;
using weir::detail::map_access;
using map_type = weir::map_state<std::string, std::int64_t>;
using plain_type = std::map<std::string, std::int64_t>;

namespace {

timestamp nanosecond(std::int64_t count) { return timestamp{weir::duration{count}}; }
template <class Map> plain_type content(const Map& map) {
    plain_type made;
    map.for_each([&](const std::string& key, std::int64_t value) { made.emplace_hint(made.end(), key, value); });
    return made;
}

struct holder {
    std::int64_t number = 0;
    map_type one;
    map_type two;
};
BOOST_DESCRIBE_STRUCT(holder, (), (number, one, two))

}  // namespace

TEST_CASE("map_state is a map, and what it says of changes makes a copy", "[state]") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        CAPTURE(seed);
        weir::testing::seeded choose(seed);
        map_type tested;
        plain_type wanted;
        plain_type written;
        map_access::begin(tested, weir::time_lowest, true);
        for (std::uint64_t step = 0; step < 300; ++step) {
            const std::string key = "a key " + std::to_string(choose.below(20));
            const auto value = static_cast<std::int64_t>(step);
            switch (choose.below(12)) {
                case 0: {
                    const bool there = wanted.erase(key) != 0;
                    REQUIRE(tested.erase(key) == there);
                    break;
                }
                case 1:
                    if (choose.one_in(4)) {
                        tested.clear();
                        wanted.clear();
                    }
                    break;
                case 2: {
                    map_type other;
                    other.put(key, value);
                    if (choose.one_in(2)) {
                        tested = other;
                    } else {
                        tested = std::move(other);
                    }
                    wanted = {{key, value}};
                    break;
                }
                case 3: {
                    map_type moved = std::move(tested);  // it leaves the tested one empty, which is a change
                    REQUIRE(content(moved) == wanted);
                    wanted.clear();
                    break;
                }
                default:
                    tested.put(key, value);
                    wanted[key] = value;
            }
            REQUIRE(content(tested) == wanted);
            REQUIRE(tested.size() == wanted.size());
            const auto* const found = std::as_const(tested).find(key);
            REQUIRE((found != nullptr) == wanted.contains(key));
            if (found != nullptr) REQUIRE(*found == wanted[key]);
            REQUIRE(tested.contains(key) == wanted.contains(key));
            if (!choose.one_in(10)) continue;
            map_access::take_changes(
                tested, false,
                [&](const std::string& changed, const auto& write) {
                    weir::binary_writer writer;
                    write(writer);
                    weir::binary_reader reader(writer.text());
                    written[changed] = weir::load<std::int64_t>(reader);
                },
                [&](const std::string& gone) { written.erase(gone); });
            REQUIRE(written == wanted);
            map_access::take_changes(
                tested, false, [](const auto&, const auto&) { FAIL("nothing has changed"); },
                [](const auto&) { FAIL("nothing has changed"); });
        }
    }
}

TEST_CASE("entries end when they do by definition, touched by writes or by reads, too", "[state]") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        weir::testing::seeded choose(seed);
        const bool reads = seed % 2 == 0;
        map_type tested = reads ? map_type{weir::ttl(20ns)} : map_type{weir::ttl(20ns, weir::on_write)};
        std::map<std::string, timestamp> wanted;
        std::int64_t clock = -50;
        for (int step = 0; step < 300; ++step) {
            clock += static_cast<std::int64_t>(choose.below(5));
            map_access::begin(tested, nanosecond(clock), false);
            static_cast<void>(map_access::end_through(tested, nanosecond(clock) - weir::one_tick));
            std::erase_if(wanted, [&](const auto& each) { return each.second <= nanosecond(clock); });
            const std::int64_t ahead = clock + static_cast<std::int64_t>(choose.below(9));
            map_access::begin(tested, nanosecond(ahead), false);
            const auto until = [&](const std::string& key) {
                auto& kept = wanted.try_emplace(key, weir::time_lowest).first->second;
                kept = std::max(kept, nanosecond(ahead + 20));
            };
            const std::string key = std::to_string(choose.below(12));
            if (choose.one_in(6)) {
                tested.erase(key);
                wanted.erase(key);
            } else if (choose.one_in(2)) {
                tested.put(key, 1);
                until(key);
            } else {
                REQUIRE((tested.find(key) != nullptr) == wanted.contains(key));
                if (reads && wanted.contains(key)) until(key);
            }
            REQUIRE(tested.size() == wanted.size());
            for (const auto& each : wanted) REQUIRE(tested.contains(each.first));
        }
        CHECK(map_access::end_through(tested, weir::time_highest) == !wanted.empty());
        CHECK(tested.empty());
        CHECK(map_access::next_end(tested) == weir::time_highest);
    }
    map_type for_ever{weir::ttl(weir::duration::max())};
    map_access::begin(for_ever, nanosecond(5), false);
    for_ever.put("one");
    CHECK(map_access::next_end(for_ever) == weir::time_highest - weir::one_tick);
}

TEST_CASE("a map is stored whole, unless somebody writes its entries one by one", "[state]") {
    map_type map;
    map.put("one", 1);
    map.put("two", 2);
    weir::binary_writer writer;
    weir::save(writer, map);
    weir::binary_reader reader(writer.text());
    CHECK(content(weir::load<map_type>(reader)) == content(map));
    map_access::begin(map, weir::time_lowest, false);
    weir::binary_writer apart;
    weir::save(apart, map);
    CHECK(apart.size() == 4);
    const map_type copy = map;  // of the user's own
    weir::binary_writer again;
    weir::save(again, copy);
    CHECK(again.text() == writer.text());
    CHECK(weir::type_tag<map_type>() == "map_state<text,i64>");
}

TEST_CASE("the maps of a state are found, and told apart by the names of their fields", "[state]") {
    holder state;
    std::map<std::uint64_t, map_type*> found;
    weir::detail::for_each_map(state, [&](auto& map, std::uint64_t id) { found[id] = &map; });
    CHECK(found == std::map<std::uint64_t, map_type*>{{weir::stable_hash("one"), &state.one},
                                                      {weir::stable_hash("two"), &state.two}});
    map_type alone;
    weir::detail::for_each_map(alone, [&](auto& map, std::uint64_t) { CHECK(&map == &alone); });
    STATIC_REQUIRE(weir::detail::has_maps<holder>());
    STATIC_REQUIRE(weir::detail::has_maps<map_type>());
    STATIC_REQUIRE(!weir::detail::has_maps<std::int64_t>());
}

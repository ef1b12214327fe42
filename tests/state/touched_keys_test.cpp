// SPDX-License-Identifier: Apache-2.0
// A keyed store that tracks what changes in it.
#include <weir/state/keyed_store.hpp>

#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <string>
#include <weir/testing/simulation.hpp>

namespace {

using store_type = weir::keyed_store<std::string, std::uint64_t>;
using content = std::map<std::string, std::uint64_t>;

std::string name_of(std::uint64_t number) { return "key number " + std::to_string(number); }

// What is written down, brought up to date: `made` entries are not in it, keys that have gone are, once.
void take_into(content& written, store_type& store) {
    store.take_changes([&](const std::string& key) { REQUIRE(written.erase(key) == 1); },
                       [&](const store_type::entry& each, bool made) {
                           REQUIRE(made == !written.contains(each.key));
                           written[each.key] = each.value;
                       },
                       [](const store_type::entry&) {});
}

void check_tracking(std::uint64_t seed, std::uint64_t keys,
                    const std::function<std::uint64_t(const std::string&)>& hash) {
    weir::testing::seeded choose(seed);
    store_type store;
    content present;
    content written;
    for (std::uint64_t step = 0; step < 6000; ++step) {
        if (step == 100) {
            store.track_changes();
            written = present;
        }
        const std::string key = name_of(choose.below(keys));
        switch (choose.below(8)) {
            case 0:
            case 1:
                store.erase(key, hash(key));
                present.erase(key);
                break;
            case 2:
                if (choose.one_in(60)) {
                    const std::uint64_t kept = choose.below(4);
                    store.retain([&](const auto& each) { return each.value % 4 != kept; });
                    std::erase_if(present, [&](const auto& each) { return each.second % 4 == kept; });
                } else if (choose.one_in(300)) {
                    store.clear();
                    present.clear();
                } else if (store.tracks_changes() && !present.contains(key) && !written.contains(key)) {
                    store.put_back(key, hash(key), [] { return std::uint64_t{1}; });
                    present[key] = written[key] = 1;
                }
                break;
            case 3:
                if (store.tracks_changes() && choose.one_in(20)) {
                    take_into(written, store);
                    REQUIRE(written == present);
                } else if (store.tracks_changes() && choose.one_in(200)) {
                    store.forget_changes();
                    written = present;
                }
                break;
            default:
                present[key] = ++store.find_or_add(key, hash(key), [] { return std::uint64_t{0}; }).value;
        }
    }
    take_into(written, store);
    REQUIRE(written == present);
    take_into(written, store);
    REQUIRE(written == present);
}

}  // namespace

TEST_CASE("changes of a keyed store, applied, are what is in it", "[state]") {
    const std::uint64_t seed = GENERATE(range(1U, 6U));
    const std::uint64_t keys = GENERATE(3U, 60U, 1500U);
    CAPTURE(seed, keys);
    check_tracking(seed, keys, [](const std::string& key) { return weir::stable_hash(key); });
    if (keys < 100) check_tracking(seed, keys, [](const std::string&) { return std::uint64_t{7} << 57; });
}

TEST_CASE("a key that comes and goes is noted once", "[state]") {
    store_type store;
    const auto hash = weir::stable_hash(name_of(1));
    const auto add = [&] { store.find_or_add(name_of(1), hash, [] { return std::uint64_t{0}; }); };
    add();
    store.track_changes();
    for (int i = 0; i < 100; ++i) {
        store.erase(name_of(1), hash);
        add();
    }
    int gone = 0;
    int changed = 0;
    const auto take = [&] {
        store.take_changes([&](const auto&) { ++gone; }, [&](const auto&, bool) { ++changed; }, [](const auto&) {});
    };
    take();
    CHECK(gone == 1);
    CHECK(changed == 1);
    store.clear();
    take();
    take();
    CHECK(gone == 2);
    CHECK(changed == 1);
}

TEST_CASE("those that have been touched are looked at without being forgotten", "[state]") {
    store_type store;
    const auto hash = [](const std::string& key) { return weir::key_hash(key); };
    const auto touch = [&](std::uint64_t number) {
        store.find_or_add(name_of(number), hash(name_of(number)), [] { return std::uint64_t{0}; }).value = number;
    };
    const auto touched = [&] {
        content found;
        store.for_each_touched([&](const store_type::entry& each) { found[each.key] = each.value; });
        return found;
    };
    for (std::uint64_t i = 0; i < 200; ++i) touch(i);
    CHECK(touched().empty());
    store.track_changes();
    CHECK(touched().empty());
    for (const std::uint64_t each : {7U, 130U, 300U, 7U}) touch(each);
    store.erase(name_of(130), hash(name_of(130)));
    const content wanted{{name_of(7), 7}, {name_of(300), 300}};
    CHECK(touched() == wanted);
    CHECK(touched() == wanted);
    store.forget_changes();
    CHECK(touched().empty());
}

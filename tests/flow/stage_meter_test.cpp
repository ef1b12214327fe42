// SPDX-License-Identifier: Apache-2.0
#include <weir/flow/stage_meter.hpp>

#include <catch2/catch.hpp>
#include <map>
#include <weir/testing/simulation.hpp>

using namespace std::chrono_literals;

namespace {

std::string text_of(std::uint64_t key) { return "key " + std::to_string(key); }

}  // namespace

TEST_CASE("hot keys keep SpaceSaving's promises on random streams", "[flow]") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        weir::testing::seeded choose(seed);
        weir::hot_keys keys;
        std::map<std::uint64_t, std::uint64_t> exact;
        const std::uint64_t length = 1 + choose.below(3000);
        const std::uint64_t many = 1 + choose.below(200);
        for (std::uint64_t i = 0; i < length; ++i) {
            const std::uint64_t key = choose.one_in(2) ? choose.below(4) : choose.below(many);
            ++exact[key];
            keys.add(key * 7919, text_of(key));
        }
        const auto top = keys.top(weir::hot_keys::capacity, 1);
        REQUIRE(top.size() == std::min<std::size_t>(exact.size(), weir::hot_keys::capacity));
        std::map<std::string, weir::hot_key> found;
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < top.size(); ++i) {
            if (i > 0) CHECK(top[i - 1].count >= top[i].count);
            CHECK(found.emplace(top[i].key, top[i]).second);
            sum += top[i].count;
        }
        CHECK(sum == length);
        for (const auto& [key, count] : exact) {
            const auto known = found.find(text_of(key));
            if (known == found.end()) {
                CHECK(count * weir::hot_keys::capacity <= length);
            } else {
                CHECK(known->second.count >= count);
                CHECK(known->second.count - known->second.error <= count);
            }
        }
    }
}

TEST_CASE("hot keys of several stages are merged", "[flow]") {
    weir::hot_keys left;
    weir::hot_keys right;
    for (int i = 0; i < 5; ++i) left.add(1, "one");
    for (int i = 0; i < 3; ++i) right.add(2, "two");
    for (int i = 0; i < 4; ++i) right.add(1, "one");
    left.merge(right);
    CHECK(left.top(5, 64) == std::vector<weir::hot_key>{{"one", 9 * 64, 0}, {"two", 3 * 64, 0}});
    CHECK(left.top(1, 1).size() == 1);
    CHECK(weir::hot_keys{}.top(5, 1).empty());
}

TEST_CASE("a long key is cut between characters", "[flow]") {
    weir::hot_keys keys;
    keys.add(1, std::string(39, 'a') + "\xc3\xa4 and more");
    keys.add(2, std::string(38, 'b') + "\xc3\xa4 and more");
    const auto top = keys.top(2, 1);
    CHECK(top[0].key == std::string(39, 'a'));
    CHECK(top[1].key == std::string(38, 'b') + "\xc3\xa4");
}

TEST_CASE("a meter counts what took longer than the budget", "[flow]") {
    weir::testing::simulation where;  // a look at the clock takes 50 ns
    weir::stage_meter meter(where, 200ns);
    CHECK(meter.end(meter.begin(), 3) == 50ns);
    CHECK(meter.misses == 0);
    const auto began = meter.begin();
    for (int i = 0; i < 3; ++i) static_cast<void>(where.ticks());
    CHECK(meter.end(began, 2) == 200ns);  // exactly the budget is no miss
    CHECK(meter.misses == 0);
    const auto again = meter.begin();
    for (int i = 0; i < 4; ++i) static_cast<void>(where.ticks());
    CHECK(meter.end(again, 2) == 250ns);
    CHECK(meter.misses == 2);
    CHECK(meter.latency.count() == 7);
}

TEST_CASE("every so many records one is sampled, however they come", "[flow]") {
    weir::testing::simulation where;
    weir::testing::seeded choose(3);
    weir::stage_meter meter(where, weir::stage_meter::no_budget);
    std::vector<std::size_t> sampled;
    std::size_t before = 0;
    while (sampled.size() < 1000) {
        const std::size_t begin = choose.below(5);  // in its chunk
        const std::size_t size = 1 + choose.below(choose.one_in(2) ? 3 : 300);
        meter.sample(begin, begin + size, [&](std::size_t index) {
            REQUIRE((index >= begin && index < begin + size));
            sampled.push_back(before + index - begin);
        });
        before += size;
    }
    for (std::size_t i = 0; i < sampled.size(); ++i) REQUIRE(sampled[i] == i * weir::stage_meter::records_per_sample);
}

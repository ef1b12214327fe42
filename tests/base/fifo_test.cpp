// SPDX-License-Identifier: Apache-2.0
#include <weir/base/fifo.hpp>

#include <catch2/catch.hpp>
#include <deque>
#include <memory>
#include <string>
#include <weir/testing/simulation.hpp>

TEST_CASE("a fifo gives back what it took, in order", "[base]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    const std::uint64_t pops = GENERATE(2U, 3U, 5U);  // one step in so many takes
    CAPTURE(seed, pops);
    weir::testing::seeded choose(seed);
    weir::fifo<std::string> tested;
    std::deque<std::string> oracle;
    for (int step = 0; step < 5000; ++step) {
        if (choose.one_in(pops) && !oracle.empty()) {
            REQUIRE(tested.front() == oracle.front());
            REQUIRE(tested.pop() == oracle.front());
            oracle.pop_front();
        } else if (choose.one_in(1000)) {
            tested.clear();
            oracle.clear();
        } else {
            oracle.push_back("text number " + std::to_string(step) + ", long enough for the heap");
            tested.push(oracle.back());
        }
        REQUIRE(tested.size() == oracle.size());
        REQUIRE(tested.empty() == oracle.empty());
        if (!oracle.empty()) {
            const std::size_t index = choose.below(oracle.size());
            REQUIRE(std::as_const(tested)[index] == oracle[index]);
        }
    }
}

TEST_CASE("a fifo holds what can only be moved, and recycles its block", "[base]") {
    weir::fifo<std::unique_ptr<int>> tested;
    for (int i = 0; i < 3; ++i) tested.push(std::make_unique<int>(i));
    for (int i = 3; i < 1000; ++i) {
        const auto* before = &tested.front();
        CHECK(*tested.pop() == i - 3);
        tested.push(std::make_unique<int>(i));
        // Three at a time never need much room: once it has grown a little, the block stays.
        if (i > 100) REQUIRE(std::abs(&tested.front() - before) < 64);
    }
    CHECK(tested.size() == 3);
}

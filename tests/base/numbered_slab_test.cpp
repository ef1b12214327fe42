// SPDX-License-Identifier: Apache-2.0
#include <weir/base/numbered_slab.hpp>

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include <weir/testing/seeded.hpp>

TEST_CASE("numbers stay those of their objects, whatever comes and goes", "[base]") {
    weir::testing::seeded choose(7);
    weir::detail::numbered_slab<std::string> slab;
    std::map<std::uint32_t, std::string> kept;
    std::map<std::uint32_t, const std::string*> places;
    for (int i = 0; i < 20'000; ++i) {
        if (kept.empty() || !choose.one_in(3)) {
            const std::uint32_t number = slab.take();
            REQUIRE(kept.count(number) == 0);
            slab[number] = "object " + std::to_string(i);
            kept[number] = slab[number];
            places[number] = &slab[number];
        } else {
            const auto gone = std::next(kept.begin(), static_cast<std::ptrdiff_t>(choose.below(kept.size() % 50 + 1) %
                                                                                  kept.size()));
            slab.give_back(gone->first);
            kept.erase(gone);
        }
    }
    CHECK(slab.size() == kept.size());
    for (const auto& [number, text] : kept) {
        CHECK(slab[number] == text);
        CHECK(&slab[number] == places[number]);
    }
    // Memory that was given back is used again.
    const std::size_t memory = slab.memory();
    while (!kept.empty()) {
        slab.give_back(kept.begin()->first);
        kept.erase(kept.begin());
    }
    CHECK(slab.size() == 0);
    for (int i = 0; i < 1000; ++i) static_cast<void>(slab.take());
    CHECK(slab.memory() <= memory + 1'000'000);
}

// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/key_panes.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <weir/testing/simulation.hpp>

using panes = weir::detail::key_panes<std::string>;

namespace {

struct oracle {
    std::deque<std::pair<std::uint32_t, std::string>> all;
    std::optional<std::string> total;
};

void require_same(const panes& kept, const oracle& wanted) {
    const auto all = kept.panes();
    REQUIRE(all.size == wanted.all.size());
    REQUIRE(kept.empty() == wanted.all.empty());
    for (std::uint32_t i = 0; i < all.size; ++i) {
        REQUIRE(all.number(i) == wanted.all[i].first);
        REQUIRE(all.state(i) == wanted.all[i].second);
    }
    REQUIRE(kept.has_total() == wanted.total.has_value());
    if (wanted.total) REQUIRE(kept.total() == *wanted.total);
}

}  // namespace

TEST_CASE("the panes of a key are a queue that can be entered anywhere, and a total", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 9U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    panes::pool rings;
    panes kept;
    oracle wanted;
    std::uint32_t next = 0;
    const std::uint64_t most = seed % 4 == 0 ? 200 : 6;
    for (int step = 0; step < 3000; ++step) {
        switch (choose.below(8)) {
            case 0:
            case 1:
            case 2: {
                if (wanted.all.size() >= most) break;
                const auto size = static_cast<std::uint32_t>(wanted.all.size());
                const auto place = choose.one_in(4) ? static_cast<std::uint32_t>(choose.below(size + 1)) : size;
                const std::string state = "a state long enough to own memory: " + std::to_string(next);
                kept.insert(place, next, std::string(state), false, rings);
                wanted.all.insert(wanted.all.begin() + place, {next++, state});
                break;
            }
            case 3:
            case 4: {
                if (wanted.all.empty()) break;
                const auto count =
                    wanted.total ? static_cast<std::uint32_t>(choose.below(wanted.all.size()) + 1) : 1U;
                kept.erase_first(count, rings);
                wanted.all.erase(wanted.all.begin(), wanted.all.begin() + count);
                break;
            }
            case 5:
                if (wanted.all.empty() || wanted.total) break;
                kept.begin_total("a total that owns memory, too: " + std::to_string(step), rings);
                wanted.total = "a total that owns memory, too: " + std::to_string(step);
                break;
            case 6:
                if (!wanted.total || !choose.one_in(4)) break;
                kept.end_total(rings);
                wanted.total.reset();
                break;
            default: {
                panes moved(std::move(kept));
                require_same(moved, wanted);
                std::destroy_at(&kept);
                std::construct_at(&kept, std::move(moved));
                if (next != 0) {
                    const auto number = static_cast<std::uint32_t>(choose.below(next));
                    std::string* const found = kept.find(number);
                    const auto known = std::find_if(wanted.all.begin(), wanted.all.end(),
                                                    [&](const auto& each) { return each.first == number; });
                    REQUIRE((found != nullptr) == (known != wanted.all.end()));
                    if (found != nullptr) REQUIRE(*found == known->second);
                }
            }
        }
        require_same(kept, wanted);
    }
}

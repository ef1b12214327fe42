// SPDX-License-Identifier: Apache-2.0
// Law 1 across the seam of history and what is live (sources/followed_by.hpp): wherever in a log it is, all runs are
// the reference run, and the naive interpreter, who knows of no seam, says the same. An event loop carries what is in
// front of the seam in chunks, and what is behind it record by record.
#include <catch2/catch.hpp>
#include <random_graphs/check.hpp>

using namespace random_graphs;

namespace {

// All, nothing, or some of each log that can have a seam is history. Sources of several logs have none; most of them
// become one log.
trial with_seams(trial what, std::uint64_t seed) {
    weir::testing::seeded choose(seed);
    auto next = what.logs.begin();
    for (source_use& each : what.graph.sources) {
        if (each.partitions > 1 && !choose.one_in(4)) {
            next = what.logs.erase(next + 1, next + static_cast<std::ptrdiff_t>(each.partitions)) - 1;
            each.partitions = 1;
        }
        next += static_cast<std::ptrdiff_t>(each.partitions);
        if (each.partitions == 1) each.history = choose.one_in(8) ? 1000 * choose.below(2) : choose.below(1001);
    }
    return what;
}

check across_seams(const check& law) {
    return [law](const trial& what) {
        for (std::uint64_t seed = 1; seed <= 4; ++seed) {
            const std::string found = law(with_seams(what, seed));
            if (!found.empty()) return "with seams of seed " + std::to_string(seed) + ": " + found;
        }
        return std::string{};
    };
}

}  // namespace

TEST_CASE("every run of a random graph over history, then live, is its reference run", "[laws]") {
    const std::string found = find_failure(across_seams(modes_are_equal), 250, 4);
    INFO(found);
    CHECK(found.empty());
}

TEST_CASE("a snapshot in history, at the seam or behind it changes nothing", "[laws]") {
    const std::string found = find_failure(across_seams(snapshots_change_nothing), 150, 2);
    INFO(found);
    CHECK(found.empty());
}

TEST_CASE("marks never go back across a seam", "[laws]") {
    const std::string found = find_failure(across_seams(marks_hold), 150, 2);
    INFO(found);
    CHECK(found.empty());
}

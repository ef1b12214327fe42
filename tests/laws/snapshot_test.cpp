// SPDX-License-Identifier: Apache-2.0
// A run that is stopped between two records, once or several times, and goes on from a snapshot in another job, gives
// what an uninterrupted run gives: the in-memory half of law 5.
#include <catch2/catch.hpp>
#include <random_graphs/check.hpp>

using namespace random_graphs;

TEST_CASE("a snapshot and restore between any two records changes nothing", "[laws]") {
    const std::string found = find_failure(snapshots_change_nothing, 400, 3);
    INFO(found);
    CHECK(found.empty());
}

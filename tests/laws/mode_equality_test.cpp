// SPDX-License-Identifier: Apache-2.0
// Law 1: a graph and its logs have one reference run, and every run yields its records and stamps and its ledger.
// 600 random graphs x 20 logs, each in 6 configurations, or with WEIR_FULL=1 in all 45. WEIR_SEED=n starts elsewhere; a
// failure prints the two seeds of its trial, and a smallest trial that fails.
#include <catch2/catch.hpp>
#include <random_graphs/check.hpp>

using namespace random_graphs;

namespace {

// Every parcel has to wait for the one before it, and every record in a gate for nothing being under way.
std::string modes_are_equal_with_smallest_rings(const trial& what) {
    trial smallest = what;
    for (auto& each : smallest.configurations) {
        each.ring = 1;
        each.in_flight = 1;
        if (each.threads == 1) each.threads = 3;
    }
    return modes_are_equal(smallest);
}

}  // namespace

TEST_CASE("every run of a random graph is its reference run", "[laws]") {
    const std::string found = find_failure(modes_are_equal, 600, 20);
    INFO(found);
    CHECK(found.empty());
}

TEST_CASE("every run with the smallest rings and grants is the reference run", "[laws]") {
    const std::string found = find_failure(modes_are_equal_with_smallest_rings, 400, 5);
    INFO(found);
    CHECK(found.empty());
}

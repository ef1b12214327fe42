// SPDX-License-Identifier: Apache-2.0
// Law 1: a graph and its logs have one reference run, and every run yields its records and stamps and its ledger.
// At least 200 random graphs x 20 logs, each in 6 configurations, or with WEIR_FULL=1 in all 45. WEIR_SEED=n starts
// elsewhere; a failure prints the two seeds of its trial, and the smallest trial that fails as it does.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <iostream>
#include <random_graphs/check.hpp>

using namespace random_graphs;

namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

void check_trials(const check& law, std::uint64_t graphs, std::uint64_t logs, bool full) {
    const std::uint64_t first = number_from("WEIR_SEED", 1);
    std::cout << "seeds of graphs: " << first << " to " << first + graphs - 1 << "\n";
    for (std::uint64_t graph = first; graph < first + graphs; ++graph) {
        for (std::uint64_t log = 0; log < logs; ++log) {
            const trial made = random_trial(graph, graph * 1000 + log, full);
            if (law(made).empty()) continue;
            FAIL("graph seed " << graph << ", log seed " << graph * 1000 + log << ": " << explained(made, law));
        }
    }
    SUCCEED();
}

}  // namespace

TEST_CASE("every run of a random graph is its reference run", "[laws]") {
    check_trials(modes_are_equal, number_from("WEIR_GRAPHS", 220), 20, number_from("WEIR_FULL", 0) != 0);
}

TEST_CASE("a snapshot and restore between any two records changes nothing", "[laws]") {
    check_trials(snapshots_change_nothing, number_from("WEIR_GRAPHS", 220), 3, false);
}

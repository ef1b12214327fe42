// SPDX-License-Identifier: Apache-2.0
// Law 5: a run with checkpoints that is ended by crashes, at any change to a disk that forgets what nobody synced, and
// gone on with, by the same runner or another, gives what an undisturbed run gives. Graphs, logs, schedules, crashes
// and what they leave all follow from a seed.
#include <catch2/catch.hpp>

#include <iostream>

#include <random_graphs/check.hpp>

using namespace random_graphs;

TEST_CASE("a crash and a restart at any moment change nothing", "[laws]") {
    const std::string found = find_failure(crashes_change_nothing, 700, 6);
    INFO(found);
    CHECK(found.empty());
    const crash_counts counts = crashes_so_far();
    std::cout << counts.runs << " runs through " << counts.crashes << " crashes, " << counts.resumed
              << " went on from a checkpoint\n";
    CHECK(counts.crashes > counts.runs / 4);
    CHECK(counts.resumed > counts.runs / 4);
}

// SPDX-License-Identifier: Apache-2.0
// Law 1, over savepoints: a run that is stopped anywhere and gone on with by another number of threads, again and
// again, gives what one run gives: records, stamps and ledger. Whatever waits at the place where it is stopped, in
// front of a stage or in a join, waits at the right place then.
#include <catch2/catch.hpp>

#include <iostream>

#include <random_graphs/check.hpp>

using namespace random_graphs;

TEST_CASE("going on with other threads changes nothing", "[laws]") {
    const std::string found = find_failure(threads_change_nothing, 500, 6);
    INFO(found);
    CHECK(found.empty());
    const thread_counts counts = threads_so_far();
    std::cout << counts.runs << " runs with other threads than before, " << counts.holding
              << " of them stopped while records waited\n";
    CHECK(counts.holding > counts.runs / 20);
}

// SPDX-License-Identifier: Apache-2.0
// Law 5 for whole runs: crashed anywhere, or with a disk that fails anywhere, they write what one run writes.
#include <catch2/catch.hpp>

#include "crash/crashing_job.hpp"

using namespace crashing_job;

TEST_CASE("a run that crashes at any change to the disk writes what one run writes", "[crash]") {
    REQUIRE(expected()[0].size() > 10'000);
    REQUIRE(expected()[1].size() > 1'000);
    crash::outcome all;
    all += crash_everywhere("event loop", {0, 1}, {0, 1}, 2);
    all += crash_everywhere("micro-batches", {1, 1}, {1, 1}, 0);
    all += crash_everywhere("batch, then event loop", {2, 1}, {0, 1}, 0);
    all += crash_everywhere("two threads", {2, 2}, {2, 2}, 0);
    all += crash_everywhere("two threads, then one", {0, 2}, {1, 1}, 0);
    all += crash_everywhere("one thread, then three", {1, 1}, {0, 3}, 0);
    INFO(crash::text_of(all));
    std::cout << "runs: " << all.states << " crash states, " << all.wrong << " wrong\n";
    CHECK(all.wrong == 0);
    CHECK(all.states > 3'000);
}

TEST_CASE("a run whose disk fails at any operation is refused or right, and the next one goes on", "[crash]") {
    crash::outcome all;
    for (const unsigned threads : {1U, 2U}) {
        all += crash::for_each_fault<nothing_known>(
            "run with " + std::to_string(threads) + " threads",
            [&](simulation& where, nothing_known&) {
                put_input(where);
                run_on(where, {threads == 1 ? 0U : 2U, threads});
                crash::expect(written(where) == expected(), "a run that said it was well has not written all");
            },
            [&](simulation& where, const nothing_known&) { check_found(where, {0, threads}); });
    }
    INFO(crash::text_of(all));
    CHECK(all.wrong == 0);
    CHECK(all.states > 1'000);
}

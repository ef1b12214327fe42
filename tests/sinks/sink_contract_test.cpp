// SPDX-License-Identifier: Apache-2.0
// The sinks of files keep the contract of sinks that are exactly once, whatever ends their runs.
#include <catch2/catch.hpp>

#include <iostream>

#include "sinks/file_subjects.hpp"

using namespace file_subjects;
using sink_contract::broken_promise;

namespace {

template <class Subject> void keeps_the_contract(const Subject& what, std::uint64_t seeds = 3) {
    sink_contract::tally counts;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) CHECK(broken_promise(what, seed, counts) == "");
    std::cout << what.name << ": " << counts.runs << " runs, ended at " << counts.operations << " operations and "
              << counts.steps << " steps\n";
    CHECK(counts.runs > 100 * seeds);
}

const auto csv = [](const std::string& path) { return weir::csv(path); };
const auto json_lines = [](const std::string& path) { return weir::json_lines(path); };

}  // namespace

TEST_CASE("files of csv and json_lines are exactly once") {
    keeps_the_contract(single("a.csv", csv));
    keeps_the_contract(single("a.jsonl", json_lines));
    auto empty = single("none.jsonl", json_lines);
    empty.records = 0;
    sink_contract::tally counts;
    CHECK(broken_promise(empty, 1, counts) == "");
}

TEST_CASE("packed files are exactly once, and whole") {
    keeps_the_contract(single("a.csv.gz", csv));
    keeps_the_contract(single("a.jsonl.zst", json_lines));
}

// SPDX-License-Identifier: Apache-2.0
// The sinks of files keep the contract of sinks that are exactly once, whatever ends their runs.
#include <catch2/catch.hpp>

#include <iostream>

#include "sinks/file_subjects.hpp"

using namespace file_subjects;
using sink_contract::broken_promise;

namespace {

template <class Subject> void keeps_the_contract(const Subject& what, std::uint64_t seeds = 2) {
    sink_contract::tally counts;
    if (std::getenv("WEIR_FULL") != nullptr) seeds *= 20;
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

TEST_CASE("files that roll by bytes are exactly once, each whole") {
    keeps_the_contract(rolling_by_bytes());
    keeps_the_contract(by_records(rolling_by_bytes()));
    keeps_the_contract(by_records(rolling_by_bytes("r-*.csv.gz")));
}

TEST_CASE("files that roll by event time are exactly once, each whole") {
    keeps_the_contract(rolling_by_time());
    keeps_the_contract(by_records(rolling_by_time()));
}

TEST_CASE("files that roll by epoch show what was decided, and nothing else") {
    keeps_the_contract(rolling_by_epoch());
    keeps_the_contract(by_records(rolling_by_epoch()));
    keeps_the_contract(by_records(rolling_by_epoch("e-*.csv.zst", {.bytes = 60, .every_epoch = true})));
}

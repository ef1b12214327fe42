// SPDX-License-Identifier: Apache-2.0
// The contract of sinks of files when the power goes: at every change that a run makes to the disk, with all that may
// be left of what was not synced, and again while the next run recovers. And when the disk fails an operation.
#include <catch2/catch.hpp>

#include "sinks/power_loss.hpp"

using namespace file_subjects;
using power_loss::keeps_the_contract;

namespace {

const auto csv = [](const std::string& path) { return weir::csv(path); };
const auto json_lines = [](const std::string& path) { return weir::json_lines(path); };

}  // namespace

TEST_CASE("the power goes while a file is written") {
    CHECK(keeps_the_contract(single("a.csv", csv)) == "");
    CHECK(keeps_the_contract(single("a.jsonl", json_lines)) == "");
    CHECK(keeps_the_contract(single("a.csv.gz", csv)) == "");
}

TEST_CASE("the power goes while files roll") {
    CHECK(keeps_the_contract(rolling_by_bytes()) == "");
    CHECK(keeps_the_contract(by_records(rolling_by_bytes("r-*.csv.zst"))) == "");
    CHECK(keeps_the_contract(rolling_by_time()) == "");
    CHECK(keeps_the_contract(by_records(rolling_by_epoch())) == "");
    CHECK(keeps_the_contract(rolling_by_epoch("e-*.csv", {.bytes = 60, .every_epoch = true})) == "");
}

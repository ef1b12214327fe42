// SPDX-License-Identifier: Apache-2.0
// The contract of sinks finds bugs: each of these, planted, is found by it.
#include <catch2/catch.hpp>

#include <weir/base/planted_bug.hpp>

#include "sinks/file_subjects.hpp"

using namespace file_subjects;
using weir::planted_bug;

namespace {

// What the contract says of the sink with the bug; without it the sink keeps it.
template <class Subject> std::string found(planted_bug which, const Subject& what) {
    sink_contract::tally counts;
    weir::planted_now = planted_bug::none;
    CHECK(sink_contract::broken_promise(what, 1, counts) == "");
    weir::planted_now = which;
    std::string why;
    for (std::uint64_t seed = 1; seed <= 5 && why.empty(); ++seed) {
        why = sink_contract::broken_promise(what, seed, counts);
    }
    weir::planted_now = planted_bug::none;
    CHECK(why != "");
    return why;
}

const auto csv = [](const std::string& path) { return weir::csv(path); };

}  // namespace

TEST_CASE("planted: a sink makes visible what it was only to prepare") {
    CHECK_THAT(found(planted_bug::publish_before_manifest, single("a.csv", csv)), Catch::Contains("too many"));
}
TEST_CASE("planted: a sink of rolling files makes visible what it was only to prepare") {
    CHECK_THAT(found(planted_bug::publish_before_manifest, rolling_by_bytes()), Catch::Contains("too many"));
    CHECK(found(planted_bug::publish_before_manifest, by_records(rolling_by_epoch())) != "");
}
TEST_CASE("planted: a sink goes on behind what no checkpoint knows") {
    CHECK(found(planted_bug::forget_staged_length, single("a.csv", csv)) != "");
    CHECK(found(planted_bug::forget_staged_length, rolling_by_bytes()) != "");
}
TEST_CASE("planted: a commit record is there before the files that it lists") {
    CHECK_THAT(found(planted_bug::record_before_files, by_records(rolling_by_bytes())),
               Catch::Contains("is not what _committed-r-"));
    CHECK(found(planted_bug::record_before_files, rolling_by_epoch()) != "");
}

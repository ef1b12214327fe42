// SPDX-License-Identifier: Apache-2.0
// The tests of checkpoints, tested: each bug that can be planted in their store is found by crashes, by faults or by
// damage, and without a bug the same trials pass. Compiled together with the library, with WEIR_PLANTED_BUGS.
#include <weir/base/planted_bug.hpp>

#include "runtime/checkpoint_scenarios.hpp"

using namespace checkpoint_crash;
using weir::planted_bug;

namespace {

class planting {
  public:
    explicit planting(planted_bug which) { weir::planted_now = which; }
    planting(const planting&) = delete;
    planting& operator=(const planting&) = delete;
    ~planting() { weir::planted_now = planted_bug::none; }
};

std::string first_of(const std::string& suite, const crash::outcome& result) {
    return result.wrong == 0 ? std::string{} : suite + ": " + result.failures.front();
}

// What is wrong, if something is.
std::string by_crashes() {
    crash::crash_options options;
    options.print = false;
    options.policies = crash::policies(3);
    for (const named_scenario& each : scenarios()) {
        const crash::outcome result = crash::for_each_crash<known>(each.name, each.run, check, options);
        const std::string found = first_of("crashes", result);
        if (!found.empty()) return found;
    }
    return {};
}
std::string by_faults() {
    for (const named_scenario& each : scenarios()) {
        const std::string found = first_of("faults", for_each_store_fault(each.name, each.run, false));
        if (!found.empty()) return found;
    }
    return {};
}
std::string by_damage() { return first_of("damage", for_each_damage(5)); }

void must_be_found(planted_bug which, std::string (*suite)()) {
    const planting planted(which);
    const std::string found = suite();
    CHECK_FALSE(found.empty());
    std::cout << "found by " << found << "\n";
}

}  // namespace

TEST_CASE("without a planted bug the trials of checkpoints pass", "[runtime]") {
    CHECK(by_crashes() == "");
    CHECK(by_faults() == "");
    CHECK(by_damage() == "");
}

TEST_CASE("planted: names in the folder are not synced", "[runtime]") {
    must_be_found(planted_bug::skip_folder_sync, by_crashes);
}
TEST_CASE("planted: a manifest is named before its segments are on the disk", "[runtime]") {
    must_be_found(planted_bug::publish_manifest_first, by_crashes);
}
TEST_CASE("planted: the number of an epoch is used again", "[runtime]") {
    must_be_found(planted_bug::reuse_epoch_number, by_crashes);
}
TEST_CASE("planted: segments are not merged by key", "[runtime]") {
    must_be_found(planted_bug::unsorted_merge, by_crashes);
}
TEST_CASE("planted: two incarnations write", "[runtime]") {
    must_be_found(planted_bug::stale_incarnation, by_crashes);
}
TEST_CASE("planted: a sync that failed is tried again", "[runtime]") {
    must_be_found(planted_bug::retry_fsync, by_faults);
}
TEST_CASE("planted: CRCs are not looked at", "[runtime]") { must_be_found(planted_bug::ignore_crc, by_damage); }

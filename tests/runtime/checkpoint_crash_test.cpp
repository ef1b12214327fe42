// SPDX-License-Identifier: Apache-2.0
// Checkpoints on a disk that crashes at every change and fails at every operation.
#include "runtime/checkpoint_scenarios.hpp"

using namespace checkpoint_crash;

namespace {

void survives(const crash::outcome& result) {
    INFO(crash::text_of(result));
    CHECK(result.wrong == 0);
    CHECK(result.states > 0);
}

// How many mixed outcomes of each crash are looked at.
std::uint64_t seeds() {
    if (crash::sanitized) return 1;
    return std::getenv("WEIR_FULL") == nullptr ? 8 : 100;
}

}  // namespace

TEST_CASE("whenever the power goes, the newest checkpoint that was safe is found, or a later one", "[runtime]") {
    crash::crash_options options;
    options.policies = crash::policies(seeds());
    crash::outcome all;
    for (const named_scenario& each : scenarios()) {
        const crash::outcome result = crash::for_each_crash<known>(each.name, each.run, check, options);
        survives(result);
        all += result;
    }
    for (const named_scenario& each : broken_lives()) {
        const crash::outcome result = crash::for_each_crash<known>(each.name, each.run, check, options);
        survives(result);
        all += result;
    }
    std::cout << "checkpoints: " << all.states << " crash states\n";
    CHECK((crash::sanitized || all.states > 10'000));
}

TEST_CASE("a crash while what an earlier one left is looked at changes nothing", "[runtime]") {
    crash::crash_options options;
    options.policies = {{crash::unsynced::kept, 0}, {crash::unsynced::mixed, 1}};
    options.second_crashes = crash::sanitized ? 3 : 16;
    options.second_policies = {{crash::unsynced::lost, 0}, {crash::unsynced::mixed, 2}};
    crash::outcome all;
    const std::set<std::string> tried{"first checkpoint", "tidied with merges", "reopened, and gone on"};
    for (const named_scenario& each : scenarios()) {
        if (!tried.contains(each.name)) continue;
        const crash::outcome result = crash::for_each_crash<known>(each.name + ", again", each.run, check, options);
        survives(result);
        all += result;
    }
    CHECK((crash::sanitized || all.states > 10'000));
}

TEST_CASE("whatever fails, a checkpoint that was said to be safe is", "[runtime]") {
    for (const named_scenario& each : scenarios()) survives(for_each_store_fault(each.name, each.run));
}

TEST_CASE("a store that an error ended is opened anew, and goes on", "[runtime]") {
    survives(for_each_store_fault("opened anew", [](simulation& where, known& facts) {
        // Folders that were made and could not be synced cannot be made anew.
        where.put_file(folder + "/notes.txt", "not weir's");
        for (std::uint64_t life = 0; life < 4; ++life) {
            try {
                const auto store = found_again(where, facts);
                write_some(*store, 10 * life, 3);
                store->tidy();
                store->write(10 * life + 3);
            } catch (const weir::error&) {
            }
        }
    }));
}

TEST_CASE("a damaged checkpoint is refused or passed over, and never read otherwise than it was written", "[runtime]") {
    const crash::outcome result = for_each_damage(3);
    std::cout << "damaged checkpoints: " << result.states << " states\n";
    survives(result);
    CHECK(result.states > 5'000);
}

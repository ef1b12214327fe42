// SPDX-License-Identifier: Apache-2.0
// Runs a scenario once for each change it makes to the disk, with a crash in that change's place, and looks at all that
// may be found then.
#pragma once
#include <optional>

#include "crash/states.hpp"

namespace crash {

struct crash_options {
    std::vector<crash_policy> policies = crash::policies(6);
    std::uint64_t seed = 1;  // of the simulation
    // Before each of the first so many changes that a check makes, it is broken off by another crash, and begins anew
    // on what it left: a crash while recovering.
    std::uint64_t second_crashes = 0;
    std::vector<crash_policy> second_policies{{unsynced::lost, 0}, {unsynced::kept, 0}, {unsynced::mixed, 1}};
    bool print = true;
};

namespace detail {

template <class Known, class Check>
void check_with_second_crashes(tally& count, const std::string& state, const simulated_disk& disk,
                               const crash_policy& policy, const Known& known, Check& check,
                               const crash_options& options) {
    count.check(state, [&] {
        simulation found(options.seed + 1, disk.after_power_loss(policy));
        Known facts = known;
        check(found, facts);
    });
    for (std::uint64_t change = 0; change < options.second_crashes; ++change) {
        const std::string second = state + "/again at " + std::to_string(change);
        simulation found(options.seed + 1, disk.after_power_loss(policy));
        found.disk().crash_before(change);
        Known facts = known;
        try {
            check(found, facts);
        } catch (const simulated_crash&) {
        } catch (...) {  // that is what the whole check has found already, or finds below
        }
        if (!found.disk().crashed()) return;
        for (const crash_policy& then : options.second_policies) {
            count.check(second + ", " + weir::testing::text_of(then), [&] {
                simulation later(options.seed + 2, found.disk().after_power_loss(then));
                Known then_known = facts;
                check(later, then_known);
            });
        }
    }
}

}  // namespace detail

// For scenarios that have a crash of their own: breaks the action off before the change that comes after so many
// others. The crash that is being tried is thrown on, unless it is this one. Then the disk waits for its reboot.
template <class Action> void break_off(simulation& where, std::uint64_t changes, Action&& action) {
    const std::uint64_t last = where.disk().changes() + changes;
    where.disk().crash_before(last);
    try {
        action();
    } catch (const simulated_crash& crash) {
        if (crash.change != last) throw;
    }
    expect(where.disk().crashed(), "there was nothing to break off: fewer changes than that were made");
}

// scenario(simulation&, Known&) does what is to survive, and notes in Known what it was told is safe. It must do the
// same again each time. check(simulation&, Known&) throws if what is found does not fit that; where it is to be broken
// off and begun anew, it notes there what it did itself.
template <class Known, class Scenario, class Check>
outcome for_each_crash(const std::string& name, Scenario&& scenario, Check&& check, const crash_options& options = {}) {
    outcome result;
    detail::tally count(result);
    {
        simulation whole(options.seed);
        Known known{};
        const std::string problem = detail::what_is_wrong([&] { scenario(whole, known); });
        result.changes = whole.disk().changes();
        if (!problem.empty()) count.fail(name, "nothing disturbed it, and yet: " + problem);
    }
    // The last time the power goes when all is done.
    for (std::uint64_t change = 0; change <= result.changes && !count.enough(); ++change) {
        const std::string at = name + "/" + std::to_string(change);
        simulation where(options.seed);
        where.disk().crash_before(change);
        Known known{};
        const std::string problem = detail::what_is_wrong([&] {
            try {
                scenario(where, known);
            } catch (const simulated_crash&) {
            }
        });
        if (!problem.empty()) count.fail(at, "the scenario made an error of a crash: " + problem);
        const bool reached = where.disk().crashed() || where.disk().changes() > change;
        if (change < result.changes && !reached) count.fail(at, "the scenario does not repeat itself");
        for (const crash_policy& policy : options.policies) {
            detail::check_with_second_crashes(count, at + "/" + weir::testing::text_of(policy), where.disk(), policy,
                                              known, check, options);
        }
    }
    if (options.print) {
        std::cout << name << ": " << result.changes << " changes, " << result.states << " crash states, "
                  << result.wrong << " wrong\n";
    }
    return result;
}

}  // namespace crash

// SPDX-License-Identifier: Apache-2.0
// Runs a scenario with its first operation failing, then with its second, and so on, until nothing is left to fail.
#pragma once
#include <weir/base/error.hpp>

#include "crash/states.hpp"

namespace crash {

struct fault_options {
    std::vector<fault_kind> kinds{fault_kind::no_space, fault_kind::io_error, fault_kind::short_write,
                                  fault_kind::failed_though_done, fault_kind::read_error};
    // How the disk is found afterwards.
    std::vector<crash_policy> policies{{unsynced::lost, 0}, {unsynced::kept, 0}, {unsynced::mixed, 1}};
    std::uint64_t seed = 1;  // of the simulation
    bool print = true;
};

// As for_each_crash. The scenario may throw a weir::error where an operation failed, or handle it and go on.
template <class Known, class Scenario, class Check>
outcome for_each_fault(const std::string& name, Scenario&& scenario, Check&& check, const fault_options& options = {}) {
    outcome result;
    detail::tally count(result);
    const auto attempt = [&](const disk_fault& fault) {
        const std::string at = name + "/" + std::string{weir::testing::text_of(fault.kind)} +
                               (fault.for_good ? ", for good/" : "/") + std::to_string(fault.at);
        simulation where(options.seed);
        where.disk().fail(fault);
        Known known{};
        const std::string problem = detail::what_is_wrong([&] {
            try {
                scenario(where, known);
            } catch (const weir::error& failed) {
                expect(where.disk().failures() > 0, std::string{"nothing failed, and yet: "} + failed.what());
            }
        });
        if (!problem.empty()) count.fail(at, problem);
        for (const crash_policy& policy : options.policies) {
            count.check(at + "/" + weir::testing::text_of(policy), [&] {
                simulation found(options.seed + 1, where.disk().after_power_loss(policy));
                Known facts = known;
                check(found, facts);
            });
        }
        return where.disk().failures() > 0;
    };
    for (const fault_kind kind : options.kinds) {
        for (const bool for_good : {false, true}) {
            std::uint64_t at = 0;
            while (!count.enough() && attempt({kind, at, for_good})) ++at;
            result.changes = std::max(result.changes, at);
        }
    }
    if (options.print) {
        std::cout << name << ": up to " << result.changes << " operations of a kind failed, " << result.states
                  << " states, " << result.wrong << " wrong\n";
    }
    return result;
}

}  // namespace crash

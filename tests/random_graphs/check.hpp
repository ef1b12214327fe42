// SPDX-License-Identifier: Apache-2.0
// Checks one random graph over one set of logs: the reference run against the naive interpreter, and every given
// configuration against the reference run. What fails is made smaller before it is shown.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include <weir/testing/configuration.hpp>

#include "description.hpp"

namespace random_graphs {

// A graph and its logs, and how it is to be run.
struct trial {
    description graph;
    std::vector<log> logs;
    std::vector<weir::testing::configuration> configurations;

    [[nodiscard]] std::string to_text() const;
};

// Both are functions of their seeds alone.
[[nodiscard]] trial random_trial(std::uint64_t graph_seed, std::uint64_t log_seed, bool all_configurations);

// A number from the environment, such as WEIR_SEED.
[[nodiscard]] std::uint64_t number_from(const char* variable, std::uint64_t otherwise);

// What is wrong, or nothing.
using check = std::function<std::string(const trial&)>;
// Law 1: records, stamps and ledger of every configuration are those of the reference run; that one's records and
// stamps are those of the naive interpreter.
[[nodiscard]] std::string modes_are_equal(const trial& what);
// Stops each configuration after some records, and goes on from a snapshot: nothing changes.
[[nodiscard]] std::string snapshots_change_nothing(const trial& what);
// Crashes each configuration at random changes to a simulated disk, and goes on from what is found there, perhaps with
// other threads: nothing changes.
[[nodiscard]] std::string crashes_change_nothing(const trial& what);
struct crash_counts {
    std::uint64_t runs = 0;     // that came to their end, in the end
    std::uint64_t crashes = 0;  // on the way there
    std::uint64_t resumed = 0;  // starts that went on from a checkpoint
};
[[nodiscard]] crash_counts crashes_so_far();
// Stops each configuration at random places, with a savepoint, and goes on with another number of threads, 1 to 4, and
// perhaps another runner: nothing changes.
[[nodiscard]] std::string threads_change_nothing(const trial& what);
struct thread_counts {
    std::uint64_t runs = 0;
    std::uint64_t holding = 0;  // that ended with records that waited for others
};
[[nodiscard]] thread_counts threads_so_far();

// The same runs with a probe on every stream: no channel out of turn, no mark that goes back, no record below one.
[[nodiscard]] std::string marks_hold(const trial& what);

// A smaller trial that fails, too: without operators, sinks, records and configurations that do not matter.
[[nodiscard]] trial shrunk(trial failing, const check& fails);
// The smallest failing trial, and what it does: to be read by a person.
[[nodiscard]] std::string explained(const trial& failing, const check& fails);

// Checks `graphs` random graphs, each over `logs` random logs, from seed WEIR_SEED on, or 1; says what is wrong with
// the first that fails. WEIR_GRAPHS asks for another number of graphs, WEIR_FULL=1 for all configurations.
[[nodiscard]] std::string find_failure(const check& law, std::uint64_t graphs, std::uint64_t logs);

}  // namespace random_graphs

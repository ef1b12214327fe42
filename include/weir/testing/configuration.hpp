// SPDX-License-Identifier: Apache-2.0
// The ways to run one graph that must all give the same answer: runner, chunk size, threads, rings, interleaving.
#pragma once
#include <string>
#include <vector>

#include <weir/runtime/run.hpp>

namespace weir::testing {

enum class runner_kind { event_loop, micro_batch, batch };

struct configuration {
    runner_kind runner = runner_kind::batch;
    // Records that travel together. Of a micro-batch its records, in three chunks; an event loop reads one by one, and
    // this many results travel together, or of 1 as many as ever.
    std::size_t chunk = 1024;
    unsigned threads = 1;
    std::size_t ring = 64;  // chunks in a ring between workers
    std::uint64_t in_flight = 1U << 18U;
    std::uint64_t seed = 1;     // of the simulated interleaving
    bool real_threads = false;  // on the machine, not simulated
    std::chrono::nanoseconds every = std::chrono::nanoseconds::max();  // a micro-batch may also end by time

    [[nodiscard]] weir::detail::run_plan plan() const;
    // "micro_batch of 7, 2 threads, ring 1, seed 17": everything that is needed to repeat the run.
    [[nodiscard]] std::string text() const;
};

inline constexpr std::size_t all_records = 1U << 20U;

// Every runner x chunk size x number of threads, with small rings and seeds that follow from `seed`.
[[nodiscard]] std::vector<configuration> all_configurations(const std::vector<std::size_t>& chunks,
                                                            const std::vector<unsigned>& threads, std::uint64_t seed);

// Runs a graph so: simulated by its seed, or on the machine.
[[nodiscard]] run_report run_configured(const graph& what, const configuration& how);

}  // namespace weir::testing

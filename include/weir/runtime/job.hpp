// SPDX-License-Identifier: Apache-2.0
// A job: one run of a graph, that can be stepped, snapshotted and restored. Runners are a job driven to its end.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <weir/base/environment.hpp>
#include <weir/runtime/run.hpp>

namespace weir {

// The whole state of a job between two records, in memory.
struct job_snapshot {
    std::string graph_name;
    unsigned threads = 1;
    std::vector<std::byte> bytes;
};

class job {
  public:
    // Builds the running stages. Throws as run does.
    job(const graph& what, const detail::run_plan& how, environment& where);
    // The same, going on where the snapshot was taken. The graph must be the same and be run by as many threads;
    // the runner may be another. Throws weir::error of kind state if the snapshot does not fit.
    job(const graph& what, const detail::run_plan& how, environment& where, const job_snapshot& from);
    job(const job&) = delete;
    job& operator=(const job&) = delete;
    ~job();

    // Runs until the logs have ended, or, draining, have nothing more now. What a stage or a user's function throws is
    // thrown on; after that the job can only be ended.
    void run_to_end();
    // Reads at most `records` records of all sources together, and carries what they make due to the sinks. Returns
    // false when the logs have ended and everything has been said.
    bool advance(std::uint64_t records);
    // Only between calls of advance. Everything a restored job needs to go on as if nothing had happened.
    [[nodiscard]] job_snapshot snapshot();
    // Ends the run: sinks publish if `complete`.
    run_report finish(bool complete = true);
    [[nodiscard]] bool ended() const;

  private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace weir

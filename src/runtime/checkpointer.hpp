// SPDX-License-Identifier: Apache-2.0
// What takes a run's checkpoints: copies what has changed while the run is at rest, and makes an epoch of it beside the
// run: sinks prepare, the store writes, which decides, and sinks commit.
#pragma once
#include <atomic>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include <weir/flow/sink.hpp>
#include <weir/runtime/checkpoint_store.hpp>
#include <weir/runtime/checkpointing.hpp>

#include "plan.hpp"

namespace weir::detail {

class checkpointer {
  public:
    // Takes the folder. Throws as checkpoint_store does, and weir::error of kind configuration if the graph cannot have
    // checkpoints: a stage with state has no name, or a log cannot be read again.
    checkpointer(const graph& what, const run_plan& how, environment& where);
    checkpointer(const checkpointer&) = delete;
    checkpointer& operator=(const checkpointer&) = delete;
    ~checkpointer();

    // Whether it went on from a checkpoint of a run that had come to its end.
    [[nodiscard]] bool resumes_ended() const noexcept { return resumed_ended_; }
    // Before the run begins: the stages get what they had.
    void restore(plan& into);

    // Of the first worker, between two steps. `progress` counts whatever may have changed something: without any since
    // the last one, no checkpoint is due. Throws what went wrong beside the run.
    [[nodiscard]] bool due(std::uint64_t progress);
    // The run has been asked to rest.
    void asked();
    // The run is at rest.
    void take() { take(false, take_wish()); }
    // From any thread: a checkpoint is taken as soon as can be, and kept. Returns the wish's number.
    [[nodiscard]] std::uint64_t want_savepoint() noexcept { return ++wishes_; }
    // Whether a savepoint that was taken after that wish is durable and committed.
    [[nodiscard]] bool fulfilled(std::uint64_t wish) const noexcept { return fulfilled_.load() >= wish; }
    // The epoch of the last one.
    [[nodiscard]] std::uint64_t last_savepoint() const noexcept { return last_savepoint_.load(); }
    // The run is over; `ended` if its logs are. When it returns, all is durable and visible.
    void take_last(bool ended, bool savepoint);
    // Waits until the epoch that is being written is durable and visible.
    void finish_writing();
    // The run is over: another one may have the folder.
    void leave_folder() {
        writer_.reset();
        store_.reset();
    }
    [[nodiscard]] checkpoint_report report() const;

  private:
    struct epoch {
        checkpoint_info about;
        state_batch entries;
        bool whole = false;
        std::uint64_t wishes = 0;  // for savepoints, that were heard when it was taken
        std::vector<std::unique_ptr<sink_epoch>> sinks;
        std::chrono::nanoseconds began{};
    };

    void restore_from(const checkpoint_info& which, const std::string& folder, plan& into);
    [[nodiscard]] bool savepoint_wanted() const noexcept;
    bool take_wish() noexcept;
    void take(bool ended, bool savepoint);
    void write();
    void write_catching() noexcept;

    const graph& what_;
    checkpointing options_;
    unsigned threads_;
    environment& where_;
    std::optional<checkpoint_store> store_;  // until the run is over
    plan* plan_ = nullptr;
    bool resumed_ended_ = false;
    bool whole_ = true;  // the next one has to be
    std::uint64_t seen_progress_ = 0;    // at the last look
    std::uint64_t taken_progress_ = 0;   // at the last checkpoint
    std::chrono::nanoseconds last_;
    std::optional<std::chrono::nanoseconds> asked_;
    checkpoint_report report_;  // of the run's side
    std::atomic<std::uint64_t> last_epoch_{0};
    std::atomic<std::uint64_t> wishes_{0};  // for savepoints
    std::uint64_t heard_ = 0;               // of these
    std::atomic<std::uint64_t> fulfilled_{0};
    std::atomic<std::uint64_t> last_savepoint_{0};
    // The writer's side, while an epoch is being written.
    epoch epoch_;
    std::atomic<bool> writing_{false};
    std::exception_ptr failure_;
    latency_histogram written_;
    std::unique_ptr<background_work> writer_;
};

}  // namespace weir::detail

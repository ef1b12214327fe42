// SPDX-License-Identifier: Apache-2.0
// A job from within: its plan, its workers, and how it ends. Jobs and engines have one.
#pragma once
#include <atomic>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <weir/runtime/job.hpp>

#include "checkpointer.hpp"
#include "plan.hpp"

namespace weir::detail {

class running_job {
  public:
    running_job(const graph& what, const run_plan& how, environment& where);
    ~running_job();

    void run_to_end();
    bool advance(std::uint64_t records);
    job_snapshot snapshot();
    void restore(const job_snapshot& from);
    run_report finish(bool complete);
    [[nodiscard]] bool ended() const noexcept { return ended_; }
    // Of a job that others step: all its workers have finished.
    void set_ended() noexcept { ended_ = true; }
    // As things stand; only while no worker steps.
    [[nodiscard]] run_report report() const;

    [[nodiscard]] const graph& what() const noexcept { return what_; }
    [[nodiscard]] plan& running() noexcept { return *plan_; }
    [[nodiscard]] checkpointer* checkpoints() noexcept { return checkpoints_.get(); }
    [[nodiscard]] run_state& shared() noexcept { return shared_; }
    [[nodiscard]] std::span<worker_base* const> workers() const noexcept { return workers_; }

    // Stages that threw stand in the middle of a record: the job can only be ended. One of these stands around
    // whatever steps a worker.
    class failing_if_it_throws {
      public:
        explicit failing_if_it_throws(running_job& running)
            : running_(running), before_(std::uncaught_exceptions()) {
            running.check_not_failed();
        }
        failing_if_it_throws(const failing_if_it_throws&) = delete;
        failing_if_it_throws& operator=(const failing_if_it_throws&) = delete;
        ~failing_if_it_throws() {
            if (std::uncaught_exceptions() > before_) running_.failed_.store(true);
        }

      private:
        running_job& running_;
        int before_;
    };

  private:
    void check_not_failed() const;
    [[noreturn]] void refuse(const std::string& why) const;
    void close(bool complete);
    void prepare_sinks();
    void give_up(std::vector<running_stage>::iterator first);
    [[nodiscard]] std::string output_label(const running_stage& sink) const;

    graph what_;
    run_state shared_;
    run_outputs outputs_;
    std::chrono::nanoseconds started_;
    std::unique_ptr<plan> plan_;
    std::unique_ptr<checkpointer> checkpoints_;
    std::vector<worker_base*> workers_;
    std::atomic<bool> ended_{false};
    std::atomic<bool> failed_{false};
    bool closed_ = false;
};

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// What an engine is made of: a running job whose workers take a lock for each step, so that others may step them, or
// look at what they have, in between.
#pragma once
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <weir/runtime/engine.hpp>

#include "running_job.hpp"

namespace weir::detail {

// Tells the processor that this is a loop that waits.
inline void pause_a_moment() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// Whoever sleeps looks up so often, if nobody wakes it.
inline constexpr std::chrono::nanoseconds look_up_every = std::chrono::milliseconds{100};

// The lock that a worker's step takes. Whoever waits for it goes before the worker's next step.
class turnstile {
  public:
    // Of the worker itself.
    void lock_for_step();
    void lock();
    // False if it took longer than `longest`.
    [[nodiscard]] bool lock_within(std::chrono::nanoseconds longest);
    void unlock() { mutex_.unlock(); }

  private:
    std::timed_mutex mutex_;
    std::atomic<unsigned> waiting_{0};
};

class engine_core {
  public:
    engine_core(const graph& what, const run_plan& how, environment& where, bool threads,
                std::function<void()> on_work);
    ~engine_core();

    [[nodiscard]] source_reader_base* reader_of(const node& source) const;
    [[nodiscard]] const request_line* line_of(const node& requests) const;
    // Whether this thread is in a step of this engine.
    [[nodiscard]] bool is_inside() const noexcept;
    void close_log(const node& source);
    std::optional<failure> declare_idle(const node& log);
    [[nodiscard]] push_counts counts_of(const node& source) const;
    std::optional<failure> carry(const request_line& line, submission& sending, waiting_base& who,
                                 std::chrono::nanoseconds longest);
    std::optional<failure> queue(submission& sending);
    bool poll();
    [[nodiscard]] bool must_be_polled() const noexcept { return polls_; }
    void pause(bool paused);
    result<run_report> stop(bool now);
    result<run_report> wait();
    [[nodiscard]] bool running() const noexcept { return !over_.load(); }
    void look(const std::function<void(const run_report&)>& at);
    [[nodiscard]] stall_report stall();
    result<std::uint64_t> savepoint();
    [[nodiscard]] std::chrono::nanoseconds ticks() { return where_.ticks(); }

  private:
    class stepping;  // a worker with its turnstile, as the environment drives it
    // Stands around whatever the engine calls.
    class inside {
      public:
        explicit inside(const engine_core& which) : before_(std::exchange(of, &which)) {}
        inside(const inside&) = delete;
        inside& operator=(const inside&) = delete;
        ~inside() { of = before_; }
        // The engine whose step this thread is in, if any.
        static inline thread_local const engine_core* of = nullptr;

      private:
        const engine_core* before_;
    };
    struct live_source {
        const node* description = nullptr;
        source_stage_base* stage = nullptr;
        source_reader_base* reader = nullptr;
        live_log* log = nullptr;
    };
    // Of a log of requests: who answers, and the ledgers on the way, that tell what became of one.
    struct way {
        request_line line;
        source_stage_base* source = nullptr;
        source_site* site = nullptr;
        std::unique_ptr<reply_desk> desk;
        std::vector<const ledger*> ledgers;
        std::vector<const ledger*> logs;  // of these, those of sources
    };
    // What the ledgers on a way say when a request sets out, and when it is over. What is more in between became of
    // that request if it was alone there.
    struct refusals {
        std::uint64_t late = 0, filtered = 0, unreadable = 0;
        std::uint64_t read = 0;  // of all logs
        bool alone = true;       // nothing was on its way that could be refused yet
    };

    void find_live_sources();
    void find_live_parts(source_stage_base& stage, const source_part& part);
    void find_ways();
    void add_way(const node& reply);
    void run();  // on the engine's thread
    std::optional<failure> carry_here(way& along, submission& sending, waiting_base& who,
                                      std::chrono::nanoseconds longest);
    std::optional<failure> carry_by_workers(way& along, submission& sending, waiting_base& who,
                                            std::chrono::nanoseconds longest);
    bool wait_for(way& along, const waiting_base& who, std::chrono::nanoseconds longest);
    [[nodiscard]] refusals refused_on(const way& along, std::uint64_t before);
    [[nodiscard]] static failure why_unanswered(const refusals& before, const refusals& after);
    [[nodiscard]] std::optional<failure> not_running() const;
    bool step_all();
    void close_logs();
    void end_waiting();
    void fail(std::exception_ptr what);
    [[nodiscard]] failure failed() const;
    result<run_report> finish(bool complete);
    template <class Act> void between_steps(Act&& act);
    [[nodiscard]] run_report report() const;
    void add_replies(run_report& now) const;

    environment& where_;
    bool threads_;
    running_job job_;
    std::shared_ptr<signal> work_;         // there may be something to do
    std::unique_ptr<signal> changed_;      // paused, resumed, over
    std::vector<std::unique_ptr<turnstile>> turnstiles_;  // per worker
    std::vector<std::unique_ptr<stepping>> steppings_;
    std::vector<live_source> live_;
    std::vector<way> ways_;
    std::timed_mutex one_request_;         // with several workers
    bool polls_ = false;                   // some source cannot say when it has more
    std::atomic<bool> paused_{false};
    std::atomic<bool> stop_now_{false};
    std::atomic<bool> over_{false};        // no worker steps any more
    std::atomic<bool> failed_{false};
    mutable std::mutex failing_;
    std::string failure_;
    std::mutex finishing_;
    std::optional<result<run_report>> finished_;
    std::unique_ptr<background_work> thread_;
};

template <class Act> void engine_core::between_steps(Act&& act) {
    struct all_locked {
        explicit all_locked(const std::vector<std::unique_ptr<turnstile>>& which) : all(which) {
            for (const auto& each : all) each->lock();
        }
        all_locked(const all_locked&) = delete;
        all_locked& operator=(const all_locked&) = delete;
        ~all_locked() {
            for (const auto& each : all) each->unlock();
        }
        const std::vector<std::unique_ptr<turnstile>>& all;
    };
    const all_locked nothing_moves(turnstiles_);
    act();
}

}  // namespace weir::detail

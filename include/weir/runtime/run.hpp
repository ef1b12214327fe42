// SPDX-License-Identifier: Apache-2.0
// Runners: how a graph is run. A runner decides how many records travel together, when marks are announced and when
// input ends, and nothing else: all of them give the same answer, to the bit.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>

#include <weir/base/environment.hpp>
#include <weir/flow/graph.hpp>
#include <weir/runtime/checkpointing.hpp>
#include <weir/runtime/report.hpp>

namespace weir {

struct progress_report {
    std::uint64_t records = 0;  // read so far
    std::chrono::nanoseconds elapsed{};
    timestamp watermark = time_lowest;  // the lowest of all partitions that have not ended
};
using progress_function = std::function<void(const progress_report&)>;

// What every runner may be told. Rings are the bounded queues of an exchange, in chunks; `in_flight` is how many
// records may be held in gates, when threads > 1, before micro-batches end early and only the partition that is
// furthest behind is read; beyond twice as many, that one waits, too, until nothing is under way.
struct run_tuning {
    std::size_t ring = 64;
    std::uint64_t in_flight = 1U << 18U;
    // Latencies of all stages and logs, and the keys that come most often, for reports (engine::report, run_report).
    // Off, nothing of it costs anything; on, some 20 ns per record and stage. Stages with a budget are measured anyway.
    bool measure = false;
    progress_function progress = {};
    std::chrono::milliseconds progress_every{200};
    // Once it is true, the run ends where it is: what has been read is carried through, windows stay open, and a run
    // with checkpoints takes a last one, which is kept: a savepoint. It must outlive the run. Signal handlers may set
    // it.
    const std::atomic<bool>* stop = nullptr;
};

// Record by record: each record and what it makes due is carried to the sinks before the next one is handed on. Of one
// log, what is there already is read up to 256 records at once. A log that is catching up (the history in front of what
// is live, sources/followed_by.hpp; a file that grows and has 64 KiB to be read) goes in chunks of up to 1024 records,
// and record by record from where it has caught up: the results are the same, they only come chunk by chunk.
struct event_loop {
    unsigned threads = 1;
    run_tuning tuning = {};
    checkpointing checkpoint = {};
};
// Records travel in chunks; what is due happens when a batch of `max_records` records, or what `every` of wall-clock
// time has brought, is complete.
struct micro_batch {
    std::chrono::nanoseconds every = std::chrono::nanoseconds::max();
    std::uint64_t max_records = std::numeric_limits<std::uint64_t>::max();
    unsigned threads = 1;
    run_tuning tuning = {};
    checkpointing checkpoint = {};
};
// All there is, in large chunks, to the end. A graph with a log that has none, such as a file that grows, is run as
// available_now does.
struct batch {
    unsigned threads = 1;
    std::size_t chunk = 1024;
    run_tuning tuning = {};
    checkpointing checkpoint = {};
};
// All that is there now, and then stop: the watermark does not go to infinity, open windows stay open.
struct available_now {
    unsigned threads = 1;
    std::size_t chunk = 1024;
    run_tuning tuning = {};
    checkpointing checkpoint = {};
};

namespace detail {
struct run_plan {
    unsigned threads = 1;
    std::size_t chunk = 1024;         // records a source hands over at once
    std::size_t catch_up_chunk = 1;   // the same of a log that is catching up, if more
    std::size_t outlet_chunk = 1024;  // records a stage hands over at once
    std::uint64_t batch_records = 0;  // 0: every chunk announces its mark
    std::chrono::nanoseconds batch_every = std::chrono::nanoseconds::max();
    bool drain = false;
    bool whole = false;  // the run is over when all has been read: of a log without an end, what is there now
    run_tuning tuning = {};
    checkpointing checkpoint = {};
};
[[nodiscard]] run_plan plan_of(const event_loop& runner);
[[nodiscard]] run_plan plan_of(const micro_batch& runner);
[[nodiscard]] run_plan plan_of(const batch& runner);
[[nodiscard]] run_plan plan_of(const available_now& runner);
[[nodiscard]] run_report run_graph(const graph& what, const run_plan& how, environment& where);

template <class Runner> [[nodiscard]] run_plan plan_of_runner(const Runner& how) {
    if constexpr (requires { plan_of(how); }) {
        return plan_of(how);
    } else {
        static_assert(sizeof(Runner) == 0,
                      "a graph needs a runner: weir::event_loop{}, weir::micro_batch{.every = 1s}, weir::batch{} or "
                      "weir::available_now{}");
        return {};
    }
}
}  // namespace detail

// Runs a graph to its end. Throws weir::error: kind configuration if the options make no sense, input if a record
// could not be read and the source's policy is to fail, io, or whatever a user's function threw. A run that fails
// publishes nothing, with one exception: all sinks prepare before the first publishes, but if then one of several
// cannot, those before it have. The error names them.
template <class Runner> run_report run(const graph& what, const Runner& how, environment& where = machine()) {
    return detail::run_graph(what, detail::plan_of_runner(how), where);
}

}  // namespace weir

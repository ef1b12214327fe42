// SPDX-License-Identifier: Apache-2.0
// A worker: sends what it had to park, serves the rings that end at it where there is room for what comes of it, then
// reads a chunk from the source partition that is furthest behind.
#pragma once
#include <atomic>
#include <exception>
#include <limits>
#include <vector>

#include "exchange.hpp"
#include <weir/flow/source.hpp>
#include <weir/runtime/run.hpp>
#include <weir/flow/log_resume.hpp>

namespace weir::detail {

// What the workers of a run share. Written by whoever the comments name, read by all.
struct run_state {
    run_plan how;
    environment* where = nullptr;
    std::chrono::nanoseconds started{};
    std::atomic<std::int64_t> under_way{0};    // parcels sent and not yet carried through, and stopped gates
    std::atomic<unsigned> sources_open{0};     // partitions that may still give records now
    std::atomic<std::uint64_t> records_read{0};
    std::atomic<std::int64_t> held{0};         // records in all gates
    std::atomic<bool> log_failed{false};       // nobody reads any more
    std::atomic<unsigned> settled{0};          // workers that know it and have served what was there for them
    wake_up wake;
    std::vector<published_mark> positions;     // per worker: of its partition that is furthest behind
    // Records that may still be read; only used by a job that is stepped by one thread.
    std::uint64_t budget = std::numeric_limits<std::uint64_t>::max();
    bool budgeted = false;

    explicit run_state(unsigned workers) : positions(workers) {}
    [[nodiscard]] mark furthest_behind() const {
        mark lowest = mark::end();
        for (const published_mark& each : positions) lowest = std::min(lowest, each.load());
        return lowest;
    }
};

// One partition as its worker sees it.
struct source_site {
    source_stage_base* source = nullptr;
    std::vector<stage*> timed_by;        // the event_time stages behind it
    bool ended = false;                  // the log has
    bool closed = false;                 // its end has been announced, or it is drained
    bool idle = false;                   // it had nothing, when asked in this step
    std::unique_ptr<arrival_meter> arrivals{};  // if it is measured
    // It had nothing at that offset, for the first time then.
    std::uint64_t quiet_at = ~std::uint64_t{0};
    std::chrono::nanoseconds quiet_since{};

    // Declared idle: from the next time that it has nothing, until it has again, its watermark goes with the others'.
    bool declared_idle = false;
    bool follows = false;  // it does now
    std::vector<log_resume> resumes{};
    log_resume next_resume{};

    // Around whatever reads it: the first record after it was idle is journaled, with the watermark that it finds.
    void will_read() {
        if (!follows) return;
        const mark at = position();
        next_resume = {source->reader().partition, at.position, at.watermark};
    }
    void has_read() {
        if (!follows || source->reader().offset() == next_resume.offset) return;
        follows = declared_idle = false;
        resumes.push_back(next_resume);
    }
    void found_nothing(environment& where) {
        follows |= declared_idle;
        const std::uint64_t at = source->reader().offset();
        if (quiet_at == at) return;
        quiet_at = at;
        quiet_since = where.ticks();
    }
    [[nodiscard]] std::chrono::nanoseconds quiet(environment& where) const {
        if (ended || quiet_at != source->reader().offset()) return {};
        return where.ticks() - quiet_since;
    }

    [[nodiscard]] mark position() const {
        mark at = source->position();
        if (timed_by.empty()) return at;
        at.watermark = time_highest;
        for (const weir::stage* each : timed_by) at.watermark = std::min(at.watermark, each->channel_watermark());
        return at;
    }
};

class worker final : public worker_base {
  public:
    worker(run_state& shared, unsigned number) : shared_(shared), number_(number) {}

    struct incoming {
        exchange_channel* channel = nullptr;
        std::unique_ptr<receiver> to;
        const outgoing_room* room = nullptr;  // for what comes of its records
    };
    struct waiting_gate {
        gate* at = nullptr;
        const outgoing_room* room = nullptr;
    };
    parking parked;
    std::vector<incoming> inputs;
    std::vector<waiting_gate> gates;
    std::vector<exchange_channel*> outputs;
    std::vector<source_site> sources;
    outgoing_room room_for_sources{parked};
    std::uint64_t batches = 0;

    step_result step() override;
    void announce_all();

  private:
    bool flush_outputs();
    bool resume_gates();
    bool serve_inputs();
    bool read_source();
    bool read_any_source();
    bool read_only_source();
    source_site* furthest_behind(bool may_be_idle = true);
    [[nodiscard]] std::size_t records_together(const source_site& site) const;
    [[nodiscard]] bool may_read(const source_site& site, bool others_behind) const;
    void close_ended();
    bool follow_others();
    void note_failure(const source_stage_base& source);
    step_result carry_rest(bool progressed);
    bool settle();
    [[nodiscard]] bool finished() const;
    void publish_position();
    void report_progress();

    run_state& shared_;
    unsigned number_;
    std::exception_ptr failure_;  // of a log that this worker reads
    bool settled_ = false;
    std::uint64_t in_batch_ = 0;
    std::chrono::nanoseconds batch_since_{-1};
    std::chrono::nanoseconds reported_{0};
    unsigned steps_since_report_ = 0;
};

}  // namespace weir::detail

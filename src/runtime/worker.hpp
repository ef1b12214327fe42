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

class checkpointer;

// How workers come to rest together. The first worker asks for it and sees when it is reached: in a whole round nobody
// found anything to do, and nothing was on its way.
class resting {
  public:
    explicit resting(unsigned workers) : seen_(workers) {}

    [[nodiscard]] std::uint64_t round() const noexcept { return round_.load(std::memory_order_acquire); }
    [[nodiscard]] bool wanted() const noexcept { return round() != 0; }
    // What a worker did in a step while the others are coming to rest.
    void moved() noexcept { moved_.store(true); }
    void found_nothing(unsigned worker, std::uint64_t round) noexcept { seen_[worker].at.store(round); }
    // It will never do anything again.
    void finished(unsigned worker) noexcept { seen_[worker].at.store(~std::uint64_t{0}); }

    // Of the first worker.
    void begin() noexcept {
        clean_ = 0;
        moved_.store(false);
        round_.store(++last_);
    }
    // Whether all have come to rest; otherwise, when a round is over, the next one begins.
    [[nodiscard]] bool reached(bool nothing_under_way) noexcept {
        for (const seen& each : seen_) {
            if (each.at.load() < last_) return false;
        }
        clean_ = !moved_.exchange(false) && nothing_under_way ? clean_ + 1 : 0;
        if (clean_ == 2) return true;
        round_.store(++last_);
        return false;
    }
    void end() noexcept { round_.store(0, std::memory_order_release); }

  private:
    struct alignas(64) seen {
        std::atomic<std::uint64_t> at{0};
    };
    std::atomic<std::uint64_t> round_{0};
    std::atomic<bool> moved_{false};
    std::vector<seen> seen_;
    std::uint64_t last_ = 0;
    unsigned clean_ = 0;
};

// What the workers of a run share. Written by whoever the comments name, read by all.
struct run_state {
    run_plan how;
    environment* where = nullptr;
    std::chrono::nanoseconds started{};
    std::atomic<std::int64_t> under_way{0};    // parcels sent and not yet carried through, and stopped gates
    std::atomic<unsigned> sources_open{0};     // partitions that may still give records now
    std::atomic<std::uint64_t> records_read{0};
    std::atomic<std::uint64_t> raised{0};      // watermarks of logs that are idle
    std::atomic<std::int64_t> held{0};         // records in all gates
    std::atomic<bool> log_failed{false};       // nobody reads any more
    std::atomic<unsigned> settled{0};          // workers that know it and have served what was there for them
    wake_up wake;
    std::vector<published_mark> positions;     // per worker: of its partition that is furthest behind
    // Records that may still be read; only used by a job that is stepped by one thread.
    std::uint64_t budget = std::numeric_limits<std::uint64_t>::max();
    bool budgeted = false;
    std::atomic<bool> left_off{false};  // told to stop, before the logs had ended
    checkpointer* checkpoints = nullptr;  // if the run has a folder for them
    resting rest;

    explicit run_state(unsigned workers) : positions(workers), rest(workers) {}
    [[nodiscard]] std::uint64_t progress() const noexcept {
        return records_read.load(std::memory_order_relaxed) + raised.load(std::memory_order_relaxed);
    }
    // Whether the run ends without an end of its logs.
    [[nodiscard]] bool drains() const noexcept { return how.drain || left_off.load(std::memory_order_relaxed); }
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

    // Beside what the source itself knows.
    void save(binary_writer& writer) const {
        weir::save(writer, declared_idle);
        weir::save(writer, follows);
        weir::save(writer, std::uint64_t{resumes.size()});
        for (const log_resume& each : resumes) {
            weir::save(writer, each.partition);
            weir::save(writer, each.offset);
            weir::save(writer, each.watermark);
        }
    }
    void load(binary_reader& reader) {
        weir::load(reader, declared_idle);
        weir::load(reader, follows);
        resumes.clear();
        for (auto count = weir::load<std::uint64_t>(reader); count > 0; --count) {
            log_resume each;
            weir::load(reader, each.partition);
            weir::load(reader, each.offset);
            weir::load(reader, each.watermark);
            resumes.push_back(each);
        }
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
    void stop_if_told();
    void checkpoint_if_due();
    step_result come_to_rest();
    bool settle();
    [[nodiscard]] bool finished() const;
    void publish_position();
    void report_progress();

    run_state& shared_;
    unsigned number_;
    std::exception_ptr failure_;  // of a log that this worker reads
    bool settled_ = false;
    bool at_rest_ = false;  // it reads no more, and has said what it read
    std::uint64_t in_batch_ = 0;
    std::chrono::nanoseconds batch_since_{-1};
    std::chrono::nanoseconds reported_{0};
    unsigned steps_since_report_ = 0;
};

}  // namespace weir::detail

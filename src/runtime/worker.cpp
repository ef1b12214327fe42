// SPDX-License-Identifier: Apache-2.0
#include "worker.hpp"

#include <algorithm>
#include <utility>

#include "checkpointer.hpp"

namespace weir::detail {
namespace {
constexpr unsigned parcels_per_step = 16;
constexpr unsigned pulls_per_step = 16;    // of chunks
constexpr std::size_t records_ahead = 256;  // read at once, if they are there, to be carried through one by one
}

step_result worker::step() {
    if (shared_.how.tuning.stop != nullptr) stop_if_told();
    const bool log_failed = shared_.log_failed.load();
    if (shared_.checkpoints != nullptr && !log_failed) {
        checkpoint_if_due();
        if (shared_.rest.wanted()) return come_to_rest();
        at_rest_ = false;
    }
    bool progressed = flush_outputs();
    progressed |= resume_gates();
    progressed |= serve_inputs();
    if (log_failed) [[unlikely]] return carry_rest(progressed);
    if (room_for_sources.left()) {
        progressed |= read_source();
        progressed |= follow_others();
    }
    if (shared_.how.threads > 1) publish_position();
    if (number_ == 0 && shared_.how.tuning.progress) report_progress();
    if (progressed) return step_result::progressed;
    if (!finished()) return step_result::idle;
    settle();
    // Whoever takes the checkpoints stays as long as anybody works.
    const bool others_work = shared_.settled.load() < shared_.how.threads;
    if (number_ == 0 && shared_.checkpoints != nullptr && others_work) return step_result::idle;
    shared_.rest.finished(number_);
    return step_result::finished;
}

// What a log has yet to say is for a later run.
void worker::stop_if_told() {
    if (!shared_.how.tuning.stop->load(std::memory_order_relaxed)) return;
    bool left = false;
    for (source_site& each : sources) left |= !std::exchange(each.ended, true);
    if (!left) return;
    shared_.left_off.store(true);
    announce_all();
}

// With one worker nothing is on its way between two steps, but for a batch that has begun.
void worker::checkpoint_if_due() {
    if (number_ != 0 || shared_.rest.wanted() || !shared_.checkpoints->due(shared_.progress())) return;
    if (in_batch_ != 0 && shared_.how.batch_records != 0) return;  // when it is over
    if (shared_.how.threads == 1) {
        shared_.checkpoints->take();
    } else {
        shared_.checkpoints->asked();
        shared_.rest.begin();
        shared_.wake();
    }
}

// Reads no more, and carries through what is on its way, until all workers have nothing left to do.
step_result worker::come_to_rest() {
    const std::uint64_t round = shared_.rest.round();
    bool progressed = flush_outputs();
    progressed |= resume_gates();
    progressed |= serve_inputs();
    if (!std::exchange(at_rest_, true)) {
        announce_all();
        progressed = true;
    }
    if (progressed) {
        shared_.rest.moved();
    } else {
        shared_.rest.found_nothing(number_, round);
    }
    if (number_ != 0) return progressed ? step_result::progressed : step_result::idle;
    if (shared_.rest.reached(shared_.under_way.load() == 0)) {
        shared_.checkpoints->take();
        shared_.rest.end();
    }
    shared_.wake();
    return step_result::progressed;
}

// A log that cannot be read on ends the run, but not before what was read is carried through: with one worker it is,
// with several it may be on its way.
void worker::note_failure(const source_stage_base& source) {
    if (shared_.how.threads == 1) std::rethrow_exception(source.failure());
    failure_ = source.failure();
    shared_.log_failed.store(true);
    shared_.wake();
}

step_result worker::carry_rest(bool progressed) {
    if (progressed || settle()) return step_result::progressed;
    if (failure_ && shared_.under_way.load() == 0 && shared_.settled.load() == shared_.how.threads) {
        std::rethrow_exception(failure_);
    }
    return step_result::idle;
}

// Whether it was news.
bool worker::settle() {
    if (std::exchange(settled_, true)) return false;
    shared_.settled.fetch_add(1);
    shared_.wake();
    return true;
}

bool worker::flush_outputs() {
    if (parked.parcels == 0) return false;
    bool moved = false;
    for (exchange_channel* each : outputs) moved |= each->flush();
    return moved;
}

bool worker::resume_gates() {
    bool resumed = false;
    for (const waiting_gate& each : gates) {
        if (!each.at->stopped() || !each.room->left()) continue;
        each.at->pump();
        resumed = true;
    }
    return resumed;
}

bool worker::serve_inputs() {
    bool served = false;
    for (incoming& each : inputs) {
        for (unsigned i = 0; i < parcels_per_step && each.room->left() && each.channel->deliver(*each.to); ++i) {
            served = true;
        }
    }
    return served;
}

// Reading where the lowest turn is keeps what gates must hold small; of logs without time the first goes first.
source_site* worker::furthest_behind(bool may_be_idle) {
    source_site* lowest = nullptr;
    mark lowest_at{};
    for (source_site& each : sources) {
        if (each.ended || (each.idle && !may_be_idle)) continue;
        const mark at = each.position();
        if (lowest == nullptr || at < lowest_at) {
            lowest = &each;
            lowest_at = at;
        }
    }
    return lowest;
}

// Backpressure: while gates hold as many records as may be in flight, only the partition that is furthest behind of all
// is read, because it is its marks that gates wait for. While they hold twice as many, even that one is read only when
// nothing is under way any more that could let the gates go on. So it never waits for ever, and there is no deadlock.
// With one worker, others are behind only if they have nothing now.
bool worker::may_read(const source_site& site, bool others_behind) const {
    if (shared_.how.threads == 1 && !others_behind) return true;
    const auto held = static_cast<std::uint64_t>(std::max<std::int64_t>(0, shared_.held.load()));
    if (held < shared_.how.tuning.in_flight) return true;
    if (shared_.how.threads == 1) return false;
    if (site.position() > shared_.furthest_behind()) return false;
    return held / 2 < shared_.how.tuning.in_flight || shared_.under_way.load() == 0;
}

// A mark is a lower bound: said behind many records of history at once it is worth the same.
std::size_t worker::records_together(const source_site& site) const {
    const run_plan& how = shared_.how;
    return how.chunk < how.catch_up_chunk && site.source->reader().catching_up() ? how.catch_up_chunk : how.chunk;
}

// One log, one worker, and every chunk announced: no choice to make between records.
bool worker::read_only_source() {
    source_site& only = sources.front();
    if (only.ended) return false;
    const std::uint64_t before = only.source->counts.in;
    read_result result = read_result::more;
    if (const std::size_t together = records_together(only); together != shared_.how.chunk) {
        result = only.source->pull(together, true);  // one: whoever wants the worker's turn does not wait for more
    } else if (together == 1) {
        result = only.source->pull_each(records_ahead);
    } else {
        for (unsigned i = 0; i < pulls_per_step && result == read_result::more; ++i) {
            result = only.source->pull(shared_.how.chunk, true);
        }
    }
    shared_.records_read.fetch_add(only.source->counts.in - before, std::memory_order_relaxed);
    if (result == read_result::idle) only.found_nothing(*shared_.where);
    if (only.follows && only.source->counts.in != before) only.follows = only.declared_idle = false;
    only.ended = result == read_result::ended || (result == read_result::idle && shared_.how.drain);
    if (only.ended) close_ended();
    return only.ended || only.source->counts.in != before;
}

bool worker::read_source() {
    if (sources.empty()) return false;
    if (shared_.how.threads == 1 && sources.size() == 1 && shared_.how.batch_records == 0 && !shared_.budgeted) {
        return read_only_source();
    }
    if (shared_.budget == 0) {
        // A job that pauses has carried everything to its sinks, in the middle of a batch, too.
        const bool pausing = in_batch_ != 0;
        if (pausing) announce_all();
        return pausing;
    }
    for (source_site& each : sources) each.idle = false;
    // One that has nothing now does not keep those ahead of it from being read.
    for (std::size_t tried = 0; tried < sources.size(); ++tried) {
        if (read_any_source()) return true;
        if (furthest_behind(false) == nullptr) break;
    }
    return false;
}

bool worker::read_any_source() {
    const run_plan& how = shared_.how;
    source_site* const site = furthest_behind(false);
    if (site == nullptr) {
        const bool open = std::any_of(sources.begin(), sources.end(),
                                      [](const source_site& each) { return each.ended && !each.closed; });
        if (open) close_ended();
        return open;
    }
    if (!may_read(*site, site != furthest_behind())) {
        site->idle = true;
        // A batch that does not fit ends early: its marks let the gates go on.
        const bool batch_begun = in_batch_ != 0;
        if (batch_begun) announce_all();
        return batch_begun;
    }
    const bool batching = how.batch_records != 0;
    std::uint64_t wanted = std::min<std::uint64_t>(records_together(*site), shared_.budget);
    if (batching) {
        if (in_batch_ == 0) batch_since_ = shared_.where->ticks();
        wanted = std::min(wanted, how.batch_records - in_batch_);
    }
    const std::uint64_t before = site->source->counts.in;
    site->will_read();
    const read_result result = site->source->pull(static_cast<std::size_t>(wanted), !batching);
    const std::uint64_t read = site->source->counts.in - before;
    site->has_read();
    if (read != 0) shared_.records_read.fetch_add(read, std::memory_order_relaxed);
    if (shared_.budgeted) shared_.budget -= std::min(read, shared_.budget);
    if (result == read_result::ended) site->ended = true;
    if (result == read_result::idle && how.drain) site->ended = true;
    site->idle = read == 0;
    if (read == 0 && result == read_result::idle) site->found_nothing(*shared_.where);
    if (batching) in_batch_ += read;
    if (site->source->failure()) [[unlikely]] {
        if (batching) announce_all();
        note_failure(*site->source);
        return true;
    }
    if (batching) {
        if (in_batch_ >= how.batch_records || result != read_result::more ||
            shared_.where->ticks() - batch_since_ >= how.batch_every) {
            announce_all();
        }
    } else if (site->ended) {
        close_ended();
    }
    return read != 0 || site->ended;
}

void worker::announce_all() {
    for (source_site& each : sources) {
        if (!each.ended) each.source->announce();
    }
    if (in_batch_ != 0) ++batches;
    in_batch_ = 0;
    close_ended();
}

void worker::close_ended() {
    for (source_site& each : sources) {
        if (!each.ended || each.closed) continue;
        each.closed = true;
        if (shared_.drains()) {
            each.source->announce();
        } else {
            each.source->announce_end();
        }
        shared_.sources_open.fetch_sub(1);
    }
}

bool worker::finished() const {
    if (parked.parcels != 0) return false;
    for (const source_site& each : sources) {
        if (!each.closed) return false;
    }
    if (shared_.drains()) return shared_.sources_open.load() == 0 && shared_.under_way.load() == 0;
    return std::all_of(inputs.begin(), inputs.end(), [](const incoming& each) { return each.channel->ended(); }) &&
           std::none_of(gates.begin(), gates.end(), [](const waiting_gate& each) { return each.at->stopped(); });
}

// Logs that are idle promise what the others have come to, so that nobody waits for them. They promise it as any log
// does, by their own mark, and what they promised holds for the records that come later.
bool worker::follow_others() {
    const auto follows = [](const source_site& each) { return each.follows; };
    if (std::none_of(sources.begin(), sources.end(), follows)) return false;
    timestamp others = time_highest;
    for (const source_site& each : sources) {
        if (!each.ended && !each.follows) others = std::min(others, each.position().watermark);
    }
    for (unsigned i = 0; i < shared_.how.threads; ++i) {
        if (i != number_ && shared_.how.threads > 1) others = std::min(others, shared_.positions[i].load().watermark);
    }
    if (others == time_highest) return false;  // there are none
    bool raised = false;
    for (source_site& each : sources) {
        if (!each.follows || each.ended || each.position().watermark >= others) continue;
        for (stage* timed : each.timed_by) timed->raise_watermark(others);
        each.source->announce(true);
        raised = !each.timed_by.empty();
        if (raised) shared_.raised.fetch_add(1, std::memory_order_relaxed);
    }
    return raised;
}

void worker::publish_position() {
    const source_site* behind = nullptr;
    for (const source_site& each : sources) {
        if (each.ended || each.follows) continue;
        if (behind == nullptr || each.position() < behind->position()) behind = &each;
    }
    shared_.positions[number_].store(behind != nullptr ? behind->position() : mark::end());
}

void worker::report_progress() {
    if (++steps_since_report_ < 4) return;
    steps_since_report_ = 0;
    const auto now = shared_.where->ticks();
    if (now - reported_ < shared_.how.tuning.progress_every) return;
    reported_ = now;
    progress_report report;
    report.records = shared_.records_read.load(std::memory_order_relaxed);
    report.elapsed = now - shared_.started;
    const source_site* behind = furthest_behind();
    report.watermark = behind != nullptr ? behind->position().watermark : time_highest;
    shared_.how.tuning.progress(report);
}

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// How an engine carries requests, and what it says of those that had no reply.
#include <algorithm>

#include "engine_core.hpp"

namespace weir::detail {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t no_offset = ~std::uint64_t{0};  // all are below it
constexpr unsigned spins = 300;  // of whoever waits for a reply by other workers, before it sleeps

}  // namespace

std::optional<failure> engine_core::carry(const request_line& line, submission& sending, waiting_base& who,
                                          std::chrono::nanoseconds longest) {
    if (is_inside()) {
        return failure(failure_kind::misused,
                       "ask waits for the engine, and this is called by the engine itself: ask from another thread, "
                       "or use ask_then");
    }
    way& along = ways_[line.number];
    return steppings_.size() == 1 ? carry_here(along, sending, who, longest)
                                  : carry_by_workers(along, sending, who, longest);
}

// The caller takes the worker's turn.
std::optional<failure> engine_core::carry_here(way& along, submission& sending, waiting_base& who,
                                               std::chrono::nanoseconds longest) {
    for (;;) {
        if (auto why = not_running()) return why;
        const std::uint64_t seen = changed_->count();
        if (!paused_.load()) break;
        if (longest <= 0ns) return failure(failure_kind::deadline);
        const std::chrono::nanoseconds began = where_.ticks();
        changed_->wait(seen, std::min(longest, look_up_every));
        if (longest != no_deadline) longest -= where_.ticks() - began;
    }
    if (!turnstiles_[0]->lock_within(longest)) return failure(failure_kind::deadline);
    const std::lock_guard locked(*turnstiles_[0], std::adopt_lock);
    if (auto why = not_running()) return why;
    refusals before;
    const result<std::uint64_t> offset = sending.submit();
    if (!offset) return offset.failure();
    source_reader_base& log = *along.line.reader;
    const std::uint64_t first = log.offset();
    try {
        const inside here(*this);
        const running_job::failing_if_it_throws running(job_);
        while (log.offset() <= *offset) {
            // What becomes of requests queued before is not this one's.
            if (log.offset() == *offset) before = refused_on(along, *offset);
            along.site->will_read();
            if (along.source->pull(1, true) != read_result::more) break;
            along.site->has_read();
        }
    } catch (...) {
        static_cast<void>(along.desk->withdraw(who));
        fail(std::current_exception());
        return failed();
    }
    if (!who.done.load()) static_cast<void>(along.desk->withdraw(who));
    job_.shared().records_read.fetch_add(log.offset() - first, std::memory_order_relaxed);
    if (who.answered) return std::nullopt;
    return why_unanswered(before, refused_on(along, *offset));
}

std::optional<failure> engine_core::carry_by_workers(way& along, submission& sending, waiting_base& who,
                                                     std::chrono::nanoseconds longest) {
    std::unique_lock one(one_request_, std::defer_lock);
    const std::chrono::nanoseconds began = where_.ticks();
    if (longest > 8760h) {
        one.lock();
    } else if (!one.try_lock_for(longest)) {
        return failure(failure_kind::deadline);
    }
    if (auto why = not_running()) return why;
    refusals before;
    between_steps([&] { before = refused_on(along, no_offset); });
    const result<std::uint64_t> offset = sending.submit();
    if (!offset) return offset.failure();
    work_->notify();
    if (longest != no_deadline) longest -= where_.ticks() - began;
    if (!wait_for(along, who, longest)) return failure(failure_kind::deadline);
    if (who.answered) return std::nullopt;
    if (auto why = not_running()) return why;
    refusals after;
    between_steps([&] { after = refused_on(along, *offset); });
    return why_unanswered(before, after);
}

// False if the time was over before it was done.
bool engine_core::wait_for(way& along, const waiting_base& who, std::chrono::nanoseconds longest) {
    const std::chrono::nanoseconds until = longest > 8760h ? no_deadline : where_.ticks() + longest;
    for (unsigned i = 0;; ++i) {
        const std::uint64_t seen = along.desk->somebody_done().count();
        if (who.done.load(std::memory_order_acquire)) return true;
        const std::chrono::nanoseconds left = until == no_deadline ? no_deadline : until - where_.ticks();
        if (left <= 0ns) {
            // Whoever took it off the desk is about to say so.
            if (along.desk->withdraw(who)) return false;
            while (!who.done.load(std::memory_order_acquire)) pause_a_moment();
            return true;
        }
        if (!threads_) {
            if (!step_all() && (paused_.load() || over_.load())) return !along.desk->withdraw(who);
        } else if (i < spins) {
            pause_a_moment();
        } else {
            along.desk->somebody_done().wait(seen, std::min(left, look_up_every));
        }
    }
}

// The request goes its way when the workers come to it.
std::optional<failure> engine_core::queue(submission& sending) {
    if (auto why = not_running()) return why;
    const result<std::uint64_t> offset = sending.submit();
    if (!offset) return offset.failure();
    work_->notify();
    return std::nullopt;
}

// Between steps. Requests below the offset `before` are others.
engine_core::refusals engine_core::refused_on(const way& along, std::uint64_t before) {
    refusals sum;
    for (const ledger* each : along.ledgers) {
        sum.late += each->late;
        sum.filtered += each->filtered;
        sum.unreadable += each->dead_letter;
    }
    for (const ledger* each : along.logs) sum.read += each->in;
    sum.alone = !along.desk->open_before(before);
    // Of records that are no requests nobody keeps account.
    const run_state& shared = job_.shared();
    if (along.logs.size() > 1) sum.alone &= shared.under_way.load() == 0 && shared.held.load() == 0;
    return sum;
}
// Where others were on the same way, it is not known which of them was refused: no reason is better than a wrong one.
failure engine_core::why_unanswered(const refusals& before, const refusals& after) {
    if (!before.alone || after.read != before.read + 1) return failure(failure_kind::unanswered);
    if (after.late != before.late) return failure(failure_kind::late);
    if (after.unreadable != before.unreadable) return failure(failure_kind::unreadable);
    if (after.filtered != before.filtered) return failure(failure_kind::filtered);
    return failure(failure_kind::unanswered);
}

}  // namespace weir::detail

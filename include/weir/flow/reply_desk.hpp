// SPDX-License-Identifier: Apache-2.0
// The desk where those who asked wait for their reply: they are known by the offset of their request in its log.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <weir/base/environment.hpp>
#include <weir/base/fifo.hpp>
#include <weir/base/result.hpp>
#include <weir/flow/arrival_meter.hpp>
#include <weir/flow/stage.hpp>

namespace weir::detail {

// One who asked. It is done when there is a reply, or when there will be none.
class waiting_base {
  public:
    std::atomic<bool> done{false};
    bool answered = false;
    failure_kind why = failure_kind::unanswered;  // if there will be no reply
    std::chrono::nanoseconds intended = just_now;  // when the request should have arrived
    arrival_meter::instant arrived = 0;            // if that is measured
    std::function<void()> then;  // called when it is done, instead of somebody waiting for it
};

template <class Reply>
class waiting : public waiting_base {
  public:
    std::optional<Reply> reply;
};

// Thread-safe.
class reply_desk {
  public:
    explicit reply_desk(environment& where) : somebody_done_(where.make_signal()) {}

    [[nodiscard]] signal& somebody_done() const noexcept { return *somebody_done_; }
    // Offsets rise.
    void expect(std::uint64_t offset, waiting_base& who) {
        const std::lock_guard lock(mutex_);
        if (latencies_ != nullptr) who.arrived = latencies_->at(who.intended);
        expected_.push(entry{offset, &who, false});
    }
    // Calls give(waiting) for the one whose request has this offset, if it waits; else the reply is one too many.
    template <class Give> void answer(std::uint64_t offset, Give&& give) {
        waiting_base* who = nullptr;
        {
            const std::lock_guard lock(mutex_);
            entry* const found = find(offset);
            if (found == nullptr || found->who == nullptr) {
                ++superfluous_;
                return;
            }
            who = std::exchange(found->who, nullptr);
            found->answered = true;
            if (latencies_ != nullptr) latencies_->done(who->arrived, latencies_->now());
            give(*who);
            who->answered = true;
        }
        complete(*who);
    }
    // No reply to a request below this offset will come any more.
    void passed(std::uint64_t offset, failure_kind why = failure_kind::unanswered) {
        for (;;) {
            waiting_base* who = nullptr;
            {
                const std::lock_guard lock(mutex_);
                if (expected_.empty() || expected_.front().offset >= offset) return;
                who = expected_.pop().who;
            }
            if (who == nullptr) continue;
            who->why = why;
            complete(*who);
        }
    }
    // Whether a request below this offset, its asker there or gone, is still on its way without a reply.
    [[nodiscard]] bool open_before(std::uint64_t offset) const {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < expected_.size() && expected_[i].offset < offset; ++i) {
            if (!expected_[i].answered) return true;
        }
        return false;
    }
    // Goes away before it is done. False if it is done, or about to be.
    bool withdraw(const waiting_base& who) {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < expected_.size(); ++i) {
            if (expected_[i].who != &who) continue;
            expected_[i].who = nullptr;
            return true;
        }
        return false;
    }
    // Replies to requests that have been answered, or whose asker has gone, or that no request caused.
    [[nodiscard]] std::uint64_t superfluous() const {
        const std::lock_guard lock(mutex_);
        return superfluous_;
    }
    // From now on, how long each takes from its arrival to the reply is measured.
    void measure(environment& where) { latencies_ = std::make_unique<arrival_meter>(where); }
    // Nothing if that is not measured.
    [[nodiscard]] std::optional<latency_histogram> latencies() const {
        const std::lock_guard lock(mutex_);
        if (latencies_ == nullptr) return std::nullopt;
        return latencies_->latency;
    }
    void add_superfluous() {
        const std::lock_guard lock(mutex_);
        ++superfluous_;
    }

  private:
    struct entry {
        std::uint64_t offset;
        waiting_base* who;
        bool answered;
    };
    // Mostly the first.
    [[nodiscard]] entry* find(std::uint64_t offset) {
        if (expected_.empty() || expected_.front().offset > offset) return nullptr;
        std::size_t low = 0;
        std::size_t high = expected_.size();
        while (low < high) {
            const std::size_t middle = low + (high - low) / 2;
            if (expected_[middle].offset < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low < expected_.size() && expected_[low].offset == offset ? &expected_[low] : nullptr;
    }
    void complete(waiting_base& who) {
        if (who.then) {
            who.then();  // and may be no more
            return;
        }
        who.done.store(true, std::memory_order_release);  // and may be no more
        somebody_done_->notify();
    }

    std::unique_ptr<signal> somebody_done_;
    mutable std::mutex mutex_;
    fifo<entry> expected_;
    std::unique_ptr<arrival_meter> latencies_;
    std::uint64_t superfluous_ = 0;
};

// The stage of reply(requests), as an engine knows it.
class answering_stage : public stage {
  public:
    reply_desk* desk = nullptr;  // set by the engine
};

}  // namespace weir::detail

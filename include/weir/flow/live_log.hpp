// SPDX-License-Identifier: Apache-2.0
// A log that the host writes while an engine runs: the queue behind it, and the handles by which the host reaches it
// (made by sources/push.hpp and sources/requests.hpp). A record's offset is its place among those that were taken.
#pragma once
#include <atomic>
#include <chrono>
#include <mutex>

#include <weir/base/environment.hpp>
#include <weir/base/fifo.hpp>
#include <weir/base/result.hpp>
#include <weir/flow/push_counts.hpp>
#include <weir/flow/source.hpp>

namespace weir {

// What push does when the queue is full.
enum class when_full {
    wait,  // for room, as long as the caller allows
    fail,  // says so at once: failure_kind::full
    drop   // the record is gone, and counted: failure_kind::dropped
};

struct push_options {
    std::size_t capacity = 65536;  // records that may wait to be read
    when_full policy = when_full::wait;
};

namespace detail {

// The host's end of a log, as an engine knows it.
class live_log {
  public:
    virtual ~live_log() = default;
    // Before anything is pushed. `work` is notified when there is something to read.
    virtual void attach(environment& where, std::shared_ptr<signal> work) = 0;
    // Nothing more will be pushed: what waits is the end of the log.
    virtual void close() = 0;
    [[nodiscard]] virtual push_counts counts() const = 0;
};

template <class T>
class push_reader final : public source_reader<T, nothing_bad>, public live_log {
  public:
    explicit push_reader(const push_options& options) : options_(options) {}

    void attach(environment& where, std::shared_ptr<signal> work) override {
        where_ = &where;
        work_ = std::move(work);
        room_ = where.make_signal();
    }
    void close() override {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        work_->notify();
        room_->notify();
    }
    [[nodiscard]] push_counts counts() const override {
        const std::lock_guard lock(mutex_);
        push_counts now = counts_;
        now.accepted = accepted_;
        now.waiting = accepted_ - next_.load();
        return now;
    }

    // Returns the record's offset, or why it was not taken. Waits for room for at most `longest`, if that is the
    // policy. It should have arrived at `intended`. Any thread.
    result<std::uint64_t> push(T&& record, std::chrono::nanoseconds longest,
                               std::chrono::nanoseconds intended = just_now) {
        std::uint64_t offset = 0;
        const arrival_meter::instant arrived = this->arrivals == nullptr ? 0 : this->arrivals->at(intended);
        for (;;) {
            const std::uint64_t seen = room_->count();
            {
                const std::lock_guard lock(mutex_);
                if (closed_) return failure(failure_kind::stopped);
                if (queue_.size() + taken_count_ < options_.capacity) {
                    queue_.push(std::move(record));
                    if (this->arrivals != nullptr) arrived_.push(arrived);
                    offset = accepted_++;
                    break;
                }
                if (options_.policy == when_full::drop) {
                    ++counts_.dropped;
                    return failure(failure_kind::dropped);
                }
                if (options_.policy == when_full::fail || longest <= std::chrono::nanoseconds::zero()) {
                    ++counts_.refused;
                    return failure(failure_kind::full);
                }
                full_.store(true, std::memory_order_relaxed);
            }
            const std::chrono::nanoseconds began = where_->ticks();
            room_->wait(seen, longest);
            longest -= where_->ticks() - began;
        }
        work_->notify();
        return offset;
    }
    // The same without waiting or a bound; before_reading(offset) is called before the record can be read.
    template <class BeforeReading>
    result<std::uint64_t> put(T&& record, std::chrono::nanoseconds intended, BeforeReading&& before_reading) {
        const arrival_meter::instant arrived = this->arrivals == nullptr ? 0 : this->arrivals->at(intended);
        const std::lock_guard lock(mutex_);
        if (closed_) return failure(failure_kind::stopped);
        before_reading(accepted_);
        queue_.push(std::move(record));
        if (this->arrivals != nullptr) arrived_.push(arrived);
        return accepted_++;
    }
    void carried(arrival_meter::instant, std::uint32_t records) override {
        const arrival_meter::instant now = this->arrivals->now();
        for (; records > 0; --records) this->arrivals->done(taken_arrived_.pop(), now);
    }

    read_result read(chunk<T>& into, chunk<nothing_bad>&, std::size_t max) override {
        if (work_ == nullptr) {
            throw error(error_kind::configuration,
                        "a pushed source, or requests, is a log that a host writes: run the graph by weir::start(...)");
        }
        if (taken_.empty() && !take_what_is_there()) return ended_ ? read_result::ended : read_result::idle;
        const std::size_t count = std::min(max, taken_.size());
        std::uint64_t next = next_.load(std::memory_order_relaxed);
        into.stamps.set_dense(lane::partition(this->partition), next);
        for (std::size_t i = 0; i < count; ++i) into.push(taken_.pop());
        next_.store(next + count, std::memory_order_relaxed);
        return read_result::more;
    }
    [[nodiscard]] std::uint64_t offset() const override { return next_.load(std::memory_order_relaxed); }
    // What was pushed and not read is not part of a snapshot: the host knows its offset, and pushes it again.
    void save_position(binary_writer& writer) const override { save(writer, offset()); }
    void load_position(binary_reader& reader) override {
        next_ = load<std::uint64_t>(reader);
        accepted_ = next_;
    }

  private:
    // False if there is nothing.
    bool take_what_is_there() {
        {
            const std::lock_guard lock(mutex_);
            std::swap(taken_, queue_);
            std::swap(taken_arrived_, arrived_);
            taken_count_ = taken_.size();
            ended_ = closed_ && taken_.empty();
        }
        if (full_.load(std::memory_order_relaxed)) {
            full_.store(false, std::memory_order_relaxed);
            room_->notify();
        }
        return !taken_.empty();
    }

    push_options options_;
    environment* where_ = nullptr;
    std::shared_ptr<signal> work_;
    std::unique_ptr<signal> room_;
    mutable std::mutex mutex_;
    fifo<T> queue_;
    fifo<arrival_meter::instant> arrived_;  // beside it, if that is measured
    std::size_t taken_count_ = 0;  // of what was taken last; the bound holds for both together
    std::uint64_t accepted_ = 0;
    push_counts counts_;
    bool closed_ = false;
    std::atomic<bool> full_{false};  // somebody may wait for room
    // The reader's own.
    fifo<T> taken_;
    fifo<arrival_meter::instant> taken_arrived_;
    std::atomic<std::uint64_t> next_{0};
    bool ended_ = false;
};

}  // namespace detail

template <class T>
class push_source : public stream<stream_port<T, in_turn, timing::log>>, public source_handle {
  public:
    using stream<stream_port<T, in_turn, timing::log>>::stream;
    using record_type = T;
};

// The log of what a host asks, and the type of what it is answered.
template <class Request, class Reply>
class request_source : public push_source<Request> {
  public:
    using push_source<Request>::push_source;
    using reply_type = Reply;
};

}  // namespace weir

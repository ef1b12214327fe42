// SPDX-License-Identifier: Apache-2.0
// One direction of an exchange between two workers: a bounded single-producer ring of chunks with their marks, and a
// ring back for the empty chunks. What does not fit is parked on the producer's side, and nothing that could add to it
// is served before it has gone: no source, no input and no gate in front of a stage from which records reach that
// channel. So what is parked comes of one parcel, and a full ring never blocks a worker.
//
// Chained exchanges cannot deadlock. Workers feed each other in circles, stages do not: a channel to the last stages
// is always served, because nothing is behind them; so it empties, and then what feeds it is served, and so on up.
#pragma once
#include <algorithm>
#include <atomic>
#include <boost/lockfree/spsc_queue.hpp>
#include <memory>
#include <utility>
#include <vector>

#include <weir/base/environment.hpp>
#include <weir/base/fifo.hpp>
#include <weir/flow/node.hpp>

namespace weir::detail {

// Wakes workers that sleep because they have nothing to do; without it they look from time to time.
struct wake_up {
    signal* sleepers = nullptr;
    void operator()() const {
        if (sleepers != nullptr) sleepers->notify();
    }
};

// How many parcels one worker has parked, now and at most so far.
struct parking {
    std::size_t parcels = 0;
    std::size_t most = 0;
};

class exchange_channel final : public channel_sender {
  public:
    struct parcel {
        chunk_base* records = nullptr;
        mark progress{};
        bool marked = false;
    };

    exchange_channel(std::size_t capacity, std::atomic<std::int64_t>& under_way, parking& of_producer,
                     const wake_up& wake)
        : forward_(capacity), back_(capacity + 1), under_way_(under_way), of_producer_(of_producer), wake_(wake) {}
    ~exchange_channel() override {
        parcel each;
        while (forward_.pop(each)) delete each.records;
        while (!parked_.empty()) delete parked_.pop().records;
        chunk_base* spare = nullptr;
        while (back_.pop(spare)) delete spare;
    }

    // Producer's side.
    std::unique_ptr<chunk_base> spare() override {
        chunk_base* taken = nullptr;
        return std::unique_ptr<chunk_base>(back_.pop(taken) ? taken : nullptr);
    }
    void send(std::unique_ptr<chunk_base> records, const mark* progress) override {
        if (records == nullptr && progress == nullptr) return;
        const bool marked = progress != nullptr && !(planted(planted_bug::lost_mark) && !parked_.empty());
        const parcel sent{records.release(), marked ? *progress : mark{}, marked};
        under_way_.fetch_add(1);
        if (parked_.empty() && forward_.push(sent)) return wake_();
        parked_.push(sent);
        of_producer_.most = std::max(of_producer_.most, ++of_producer_.parcels);
    }
    [[nodiscard]] bool parks() const noexcept { return !parked_.empty(); }
    // Whether anything that was parked fits now.
    bool flush() {
        bool moved = false;
        if (planted(planted_bug::swapped_chunks) && parked_.size() > 1) parked_.push(parked_.pop());
        while (!parked_.empty()) {
            if (planted(planted_bug::lost_chunk) && parked_.size() > 1) {
                delete std::exchange(parked_.front().records, nullptr);
            }
            if (!forward_.push(parked_.front())) break;
            parked_.pop();
            --of_producer_.parcels;
            moved = true;
        }
        if (moved) wake_();
        return moved;
    }

    // Consumer's side: hands the next parcel to the receiver.
    bool deliver(receiver& to) {
        parcel taken;
        if (!forward_.pop(taken)) return false;
        std::unique_ptr<chunk_base> records(taken.records);
        to.receive(records.get(), taken.marked ? &taken.progress : nullptr);
        if (taken.marked && taken.progress.ended()) ended_ = true;
        if (records != nullptr && back_.push(records.get())) static_cast<void>(records.release());
        under_way_.fetch_sub(1);
        wake_();  // there is room again
        return true;
    }
    [[nodiscard]] bool ended() const noexcept { return ended_; }

  private:
    boost::lockfree::spsc_queue<parcel> forward_;
    boost::lockfree::spsc_queue<chunk_base*> back_;
    fifo<parcel> parked_;
    std::atomic<std::int64_t>& under_way_;
    parking& of_producer_;
    const wake_up& wake_;
    bool ended_ = false;
};

// The channels of one worker that records of a stage can reach without changing the worker: there is room while none
// of them parks anything.
class outgoing_room final : public room_behind {
  public:
    explicit outgoing_room(const parking& of_worker) : of_worker_(of_worker) {}
    [[nodiscard]] bool left() const noexcept override {
        return of_worker_.parcels == 0 || std::none_of(channels_.begin(), channels_.end(),
                                                       [](const exchange_channel* each) { return each->parks(); });
    }
    void add(const exchange_channel& channel) {
        if (std::find(channels_.begin(), channels_.end(), &channel) == channels_.end()) channels_.push_back(&channel);
    }
    void add(const outgoing_room& behind) {
        for (const exchange_channel* each : behind.channels_) add(*each);
    }

  private:
    const parking& of_worker_;
    std::vector<const exchange_channel*> channels_;
};

// A mark that one worker writes and others read. A reader that meets a half-written one tries again.
class published_mark {
  public:
    void store(const mark& value) noexcept {
        version_.fetch_add(1);
        watermark_.store(value.watermark.time_since_epoch().count());
        lane_.store(value.from.number);
        position_.store(value.position);
        version_.fetch_add(1);
    }
    [[nodiscard]] mark load() const noexcept {
        for (;;) {
            const auto before = version_.load();
            const mark value{timestamp{duration{watermark_.load()}}, {lane_.load()}, position_.load()};
            if (before % 2 == 0 && version_.load() == before) return value;
        }
    }

  private:
    std::atomic<std::uint64_t> version_{0};
    std::atomic<duration::rep> watermark_{time_lowest.time_since_epoch().count()};
    std::atomic<std::uint64_t> lane_{0};
    std::atomic<std::uint64_t> position_{0};
};

}  // namespace weir::detail

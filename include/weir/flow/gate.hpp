// SPDX-License-Identifier: Apache-2.0
// The gate of a stage that takes its records in turn while they come on several channels. Every channel is in turn, so
// the gate is a merge: it holds what has come until every other channel's next record, or progress mark, has passed it.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <weir/flow/stage.hpp>

namespace weir {

// One channel into a gate.
class gate_channel {
  public:
    virtual ~gate_channel() = default;
    [[nodiscard]] virtual bool has_record() const = 0;
    [[nodiscard]] virtual mark head() const = 0;  // of the next record; valid if has_record()
    [[nodiscard]] virtual turn next_turn() const = 0;
    // The same with the number of the input: the order in which a stage of several inputs takes records. A record of
    // one input may be the cause of one of another, whose turn then begins with all of its own; what the stage makes of
    // both would not be in that order.
    [[nodiscard]] turn next_turn_at(std::uint32_t stage) const;
    [[nodiscard]] virtual std::uint64_t held() const = 0;
    // Hands the stage the next records while the head of their turn is below `limit`; at least the next one.
    virtual void deliver_first() = 0;
    virtual void deliver_below(const mark& limit) = 0;
    // Why save_held would throw if there were records; empty if they can be stored.
    [[nodiscard]] virtual std::string why_not_storable() const = 0;
    // The tag of its records (record/schema.hpp).
    [[nodiscard]] virtual std::string schema() const = 0;
    virtual void save_held(binary_writer& writer) const = 0;
    virtual void load_held(binary_reader& reader) = 0;

    mark progress{};
    std::size_t input = 0;  // the stage's input that this channel belongs to
    bool taken_back = false;  // it has what waited in a run with other threads (flow/waiting_records.hpp), and no more
    bool copies = false;  // what it holds is held at another gate, too, and counted there
};

// Whether what stands behind a gate can take more now: a runner's matter. Without one there is always room.
class room_behind {
  public:
    virtual ~room_behind() = default;
    [[nodiscard]] virtual bool left() const noexcept = 0;
};

class gate {
  public:
    virtual ~gate() = default;
    gate(stage& behind, std::size_t channel) : behind_(behind), channel_(channel) {}
    gate(const gate&) = delete;
    gate& operator=(const gate&) = delete;

    void add(gate_channel& channel) { channels_.push_back(&channel); }
    // Something has come: hands on what has become safe. O(channels) per run of records of one channel.
    virtual void pump();
    [[nodiscard]] std::uint64_t held() const;
    [[nodiscard]] const std::vector<gate_channel*>& channels() const noexcept { return channels_; }
    [[nodiscard]] stage& behind() noexcept { return behind_; }
    // Stops between two runs of records while there is no room behind it, and goes on when it is pumped again. What a
    // stopped gate could hand on is still under way.
    void stop_without(const room_behind& room, std::atomic<std::int64_t>& under_way) noexcept {
        room_ = &room;
        under_way_ = &under_way;
    }
    [[nodiscard]] bool stopped() const noexcept { return stopped_; }
    // How many records all gates of a run hold: what backpressure goes by.
    void count_held_in(std::atomic<std::int64_t>& gauge) noexcept { gauge_ = &gauge; }
    void held_changed(std::int64_t by) noexcept {
        if (gauge_ != nullptr) gauge_->fetch_add(by, std::memory_order_relaxed);
    }

  private:
    void set_stopped(bool stopped) noexcept {
        if (stopped != stopped_) under_way_->fetch_add(stopped ? 1 : -1);
        stopped_ = stopped;
    }

    stage& behind_;
    std::size_t channel_;
    std::vector<gate_channel*> channels_;
    mark sent_{};
    std::atomic<std::int64_t>* gauge_ = nullptr;
    const room_behind* room_ = nullptr;
    std::atomic<std::int64_t>* under_way_ = nullptr;
    bool pumping_ = false;
    bool stopped_ = false;
};

}  // namespace weir

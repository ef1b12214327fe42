// SPDX-License-Identifier: Apache-2.0
// What a sink is told when it is opened, and what every sink's description derives from.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <weir/flow/node.hpp>

namespace weir {

struct sink_site {
    const stage_site& run;
    const node* self = nullptr;
    std::shared_ptr<const std::vector<std::string>> columns;
    std::string upstream_name;  // of the stage in front, empty if it has none
};

// Marks sinks; the defaults suit most.
struct sink_description {
    [[nodiscard]] std::string detail() const { return {}; }
    [[nodiscard]] std::string claim() const { return {}; }
    [[nodiscard]] bool reads_turns() const { return false; }
};

// What a sink does with the records of one epoch, once it is over. Both are called on another thread than the sink's,
// which takes the records of later epochs meanwhile; of one sink, epochs come in their order, one at a time.
class sink_epoch {
  public:
    sink_epoch() = default;
    sink_epoch(const sink_epoch&) = delete;
    sink_epoch& operator=(const sink_epoch&) = delete;
    virtual ~sink_epoch() = default;
    // When it returns, the records outlive a crash, though nobody sees them yet.
    virtual void prepare() = 0;
    // The checkpoint is durable: they become visible. If it is done twice, by a run and the one after it, it is as if
    // it had been done once.
    virtual void commit() = 0;
};

// What a sink says of the records that it has been given, if runs are ended by crashes and go on from checkpoints.
enum class delivery {
    exactly_once,
    at_least_once,  // those after the last checkpoint may come again
    at_most_once
};

// A sink while it runs, as runners know it. What it makes visible, it makes visible in finish(true), or, in a run with
// checkpoints, epoch by epoch.
class sink_stage_base : public stage {
  public:
    // All records so far belong to this epoch, and none that follow do; `last`: none follow. What save_shard writes
    // after this says what the epoch's commit() makes visible, and where the sink goes on. Null if there is nothing to
    // do.
    [[nodiscard]] virtual std::unique_ptr<sink_epoch> end_epoch(std::uint64_t /*number*/, bool /*last*/) {
        return nullptr;
    }
    // After load_shard: what the checkpoint's epoch was to make visible becomes so, if it is not yet.
    virtual void recover() {}
    [[nodiscard]] virtual delivery promise() const { return delivery::at_least_once; }
    // All that can fail before something is visible. Every sink of a run prepares before the first one finishes.
    virtual void prepare() = 0;
    // Whether finish(true) makes something visible that cannot be taken back.
    [[nodiscard]] virtual bool publishes() const = 0;
};

// What sinks leave behind for the report of a run, by the sink's identity.
struct run_outputs {
    std::vector<std::pair<const void*, std::shared_ptr<void>>> values;
};

}  // namespace weir

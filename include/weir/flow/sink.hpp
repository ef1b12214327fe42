// SPDX-License-Identifier: Apache-2.0
// What a sink is told when it is opened, and what every sink's description derives from.
#pragma once
#include <concepts>
#include <memory>
#include <string>
#include <vector>

#include <weir/flow/delivery.hpp>
#include <weir/flow/node.hpp>
#include <weir/flow/stage.hpp>

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

// Exactly once
//
// A run with checkpoints is cut into epochs. At the end of each, in this order:
//
//   end_epoch(N, last)    between two records: what came so far is of epoch N, what follows is not
//   save                  the state goes into checkpoint N: what commit() of N is to make visible, and where to go on
//   sink_epoch::prepare   on another thread, of all sinks: what N holds outlives a crash, though nobody sees it
//   the decision          checkpoint N is durable. Before this N has not happened, after it nothing can undo it
//   sink_epoch::commit    of all sinks: what N holds is visible
//
// A run that goes on makes its sinks anew; they load what checkpoint N saved, and recover(): commit() of N may have
// happened, in part, in whole, or not at all, and has afterwards. Then records come from where checkpoint N ends.
//
// What a sink asks of the world has one of three outcomes: yes, no, and unknown, where the answer was lost or the
// question was. Unknown is neither: whoever does not know throws, which ends the run, and the next run asks again in
// recover(). It deletes nothing, takes nothing back, and writes nothing a second time, until it knows. So commit() must
// be such that doing it again is harmless or can be found out. Sinks differ in how:
//
//   staged       take() writes aside and prepare() makes that last; commit() gives it its place by one operation that
//                replaces nothing, or finds it done: files (sinks/single_file.hpp, sinks/rolling_file.hpp), and
//                transactions that outlive their connection, prepared under a name made of job and epoch.
//   by number    take() keeps the records, save() puts them into the checkpoint, prepare() does nothing; commit()
//                writes them and N in one transaction, unless the number that is there is N or more: tables, Redis. The
//                number is the job's own: a run that begins anew and finds one refuses. An epoch must fit into memory.
//
// What is left of epochs that were never decided, those behind N, goes in recover(), or when a run begins anew: that is
// a known no. A sink that can neither prepare nor write a number with its records would have to decide by its commit,
// in the place of the checkpoint, as the only one in its graph; no such sink can be written here yet.
//
// The writer of such a sink (flow/sink_node.hpp) is a transactional_writer, and keeps tests/sinks/sink_contract.hpp.

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

// See above. Its promise(), which explain shows, may be less than exactly_once.
template <class Writer>
concept transactional_writer =
    requires(Writer& writer, const Writer& constant, binary_writer& to, binary_reader& from, std::uint64_t number) {
        { writer.end_epoch(number, true) } -> std::convertible_to<std::unique_ptr<sink_epoch>>;
        writer.recover();
        constant.save(to);
        writer.load(from);
        { Writer::promise() } -> std::convertible_to<delivery_promise>;
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
    // All that can fail before something is visible. Every sink of a run prepares before the first one finishes. In a
    // run with checkpoints, nothing.
    virtual void prepare() = 0;
    // Whether finish(true) makes something visible that cannot be taken back.
    [[nodiscard]] virtual bool publishes() const = 0;
};

// What sinks leave behind for the report of a run, by the sink's identity.
struct run_outputs {
    std::vector<std::pair<const void*, std::shared_ptr<void>>> values;
};

}  // namespace weir

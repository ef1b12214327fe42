// SPDX-License-Identifier: Apache-2.0
// A node: the shared, immutable description of a source, a stage or a sink. A graph is nodes that know their upstream;
// a run asks each node for its running stage and for the inlets that connect them.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <weir/base/error.hpp>
#include <weir/flow/delivery.hpp>
#include <weir/flow/gate.hpp>
#include <weir/flow/stage_name.hpp>

namespace weir {

class environment;
class node;
class source_reader_base;
class waiting_records;
struct run_outputs;

// How a node is spread over workers.
enum class spread {
    partition,    // a source: one instance per partition of its log
    per_channel,  // one instance beside each instance upstream: event_time, merge
    keyed,        // one instance per worker, records by the shard of their key
    by_origin,    // one instance per worker, records by their origin
    single        // one instance: sinks, sort_by_time
};

struct node_input {
    std::shared_ptr<const node> from;
    unsigned outlet = 0;
    std::string steps;  // the fused chain, for explain
};

// The producer's side of an exchange, to one worker.
class channel_sender {
  public:
    virtual ~channel_sender() = default;
    // A recycled chunk that came back from the consumer, or null.
    virtual std::unique_ptr<chunk_base> spare() = 0;
    virtual void send(std::unique_ptr<chunk_base> records, const mark* progress) = 0;
};

// The producer's end of an exchange: an inlet behind which records go to several workers.
struct router {
    std::unique_ptr<inlet_base> inlet;
    // Counted into the consumer's ledger.
    std::shared_ptr<ledger> counts;
};

// The consumer's end: takes an erased chunk from a ring. The chunk is empty afterwards and goes back to its sender.
class receiver {
  public:
    virtual ~receiver() = default;
    virtual void receive(chunk_base* records, const mark* progress) = 0;
    const inlet_base* end = nullptr;  // counts what arrives
};

// What a node needs to make a running stage.
struct stage_site {
    std::uint32_t number = 0;
    unsigned worker = 0;
    unsigned workers = 1;
    weir::environment* environment = nullptr;
    std::string graph_name;
    run_outputs* outputs = nullptr;  // what collecting sinks leave for the report
    bool checkpointed = false;       // a later run may go on where this one ends
};

class node : public std::enable_shared_from_this<node> {
  public:
    node(std::string kind, stage_name name, spread how) : kind_(std::move(kind)), name_(std::move(name)), how_(how) {}
    node(const node&) = delete;
    node& operator=(const node&) = delete;
    virtual ~node() = default;

    [[nodiscard]] const std::string& kind() const noexcept { return kind_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_.text(); }  // empty if not named
    // How long it may work on a record; stage_name::no_budget if nobody said.
    [[nodiscard]] std::chrono::nanoseconds budget() const noexcept { return name_.budget(); }
    [[nodiscard]] spread how() const noexcept { return how_; }
    [[nodiscard]] const std::vector<node_input>& inputs() const noexcept { return inputs_; }
    [[nodiscard]] virtual unsigned outlet_count() const { return 1; }
    // Whether it must take its input in turn.
    [[nodiscard]] virtual bool order_sensitive() const { return false; }
    // Whether each of its inputs must be in turn by itself, but not one with the other.
    [[nodiscard]] virtual bool merges_per_input() const { return false; }
    // Whether it reads turns of its input itself, and whether its results carry on the turns of their causes.
    [[nodiscard]] virtual bool reads_turns() const { return false; }
    [[nodiscard]] virtual bool results_follow_causes() const { return true; }
    // The outlet that must be in turn although the stage takes records as they come: its late side output.
    [[nodiscard]] virtual bool late_outlet(unsigned /*outlet*/) const { return false; }
    // A sentence per point at which the node is not a function of its logs; empty for all built-in ones.
    [[nodiscard]] virtual std::string non_deterministic() const { return {}; }
    [[nodiscard]] virtual std::string detail() const { return {}; }  // for explain: "tumbling 10s"
    [[nodiscard]] virtual bool single_use() const { return false; }   // its records cannot be copied
    // Of a stage that is no operation behind `|`: the same under a name. Null where there is no such stage.
    [[nodiscard]] virtual std::shared_ptr<const node> renamed(stage_name /*name*/) const { return nullptr; }
    // Whether results of this outlet come when a watermark passes, and not when a record does.
    [[nodiscard]] virtual bool waits_for_watermark(unsigned /*outlet*/) const { return false; }
    // Of a sink: the source whose records it answers, or null.
    [[nodiscard]] virtual const node* answers() const { return nullptr; }
    // Of a sink: what it promises in runs with checkpoints.
    [[nodiscard]] virtual std::optional<delivery_promise> promise() const { return std::nullopt; }
    // Sinks that a node brings along, such as a source's dead-letter sink.
    [[nodiscard]] virtual std::vector<std::shared_ptr<const node>> companions() const { return {}; }
    // A graph holds at most one sink with a claim, such as the path of a file.
    [[nodiscard]] virtual std::string claim() const { return {}; }

    // One running stage. For a source, one per partition.
    [[nodiscard]] virtual std::unique_ptr<stage> make(const stage_site& site) const = 0;
    // Connects an outlet upstream to a running stage of this node on the same worker.
    virtual void attach(std::size_t input, outlet_base& from, stage& to, std::size_t channel, gate* in_turn) const = 0;
    [[nodiscard]] virtual router make_router(std::size_t /*input*/, outlet_base& /*from*/,
                                             std::vector<channel_sender*> /*to*/) const {
        throw error(error_kind::internal, kind_ + " cannot be exchanged");
    }
    [[nodiscard]] virtual std::unique_ptr<receiver> make_receiver(std::size_t /*input*/, stage& /*to*/,
                                                                  std::size_t /*channel*/, gate* /*in_turn*/) const {
        throw error(error_kind::internal, kind_ + " cannot be exchanged");
    }
    // Takes what waited at the gates of an input to so many instances, where there were others.
    [[nodiscard]] virtual std::unique_ptr<waiting_records> make_waiting(std::size_t input, std::size_t instances) const;
    // Of a source: whether it may have several logs, for explain.
    [[nodiscard]] virtual bool several_partitions() const { return false; }
    // Whether it keeps something between records that a run with checkpoints must find again by the node's name.
    [[nodiscard]] virtual bool keeps_state() const { return how_ == spread::keyed || how_ == spread::by_origin; }
    // Of a source: whether a later run can read its log again from where an earlier one was.
    [[nodiscard]] virtual bool replays() const { return true; }
    // Of a source: whether its logs never end.
    [[nodiscard]] virtual bool unbounded() const { return false; }
    // Of a source: opens its partitions.
    [[nodiscard]] virtual std::vector<std::unique_ptr<source_reader_base>> open(weir::environment&) const;
    [[nodiscard]] virtual std::unique_ptr<stage> make_reading(std::unique_ptr<source_reader_base> reader) const;

  protected:
    void add_input(node_input input) { inputs_.push_back(std::move(input)); }

  private:
    std::string kind_;
    stage_name name_;
    spread how_;
    std::vector<node_input> inputs_;
};

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// The plan: the running stages of a graph, spread over workers and connected. Channels that meet at a stage which
// takes its records in turn get a gate; edges between workers get an exchange.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include <weir/flow/stage_meter.hpp>
#include <weir/runtime/checkpoint_store.hpp>

#include "worker.hpp"

namespace weir {
struct stall_report;
}
namespace weir::detail {

// A channel more into a gate, for what waited there in a run with another number of threads.
struct taken_back {
    std::size_t input = 0;
    std::unique_ptr<receiver> from;
    gate_channel* channel = nullptr;
};

struct running_stage {
    std::unique_ptr<stage> run;
    std::uint32_t node = 0;
    unsigned worker = 0;
    std::vector<std::unique_ptr<gate>> gates;
    std::vector<std::pair<std::size_t, std::size_t>> upstream;  // (input, index of the instance upstream)
    std::vector<exchange_channel*> sends{};                     // to other stages, from this one's outlets
    std::unique_ptr<outgoing_room> room{};                      // for what comes of this one's input
    std::unique_ptr<stage_meter> meter{};                       // if it is measured from here
    std::vector<taken_back> back{};
};

class plan {
  public:
    plan(const graph& what, run_state& shared, run_outputs& outputs);

    [[nodiscard]] std::vector<running_stage>& stages() noexcept { return stages_; }
    [[nodiscard]] std::vector<std::unique_ptr<worker>>& workers() noexcept { return workers_; }
    void fill(run_report& report) const;
    void fill(stall_report& report) const;
    // The ledgers of a node's stages, and of the exchanges in front of it.
    [[nodiscard]] std::vector<const ledger*> ledgers_of(const node& description) const;
    // Of a source, or a part of one: its partitions are idle from the next time that they have nothing to read. Returns
    // how many there are whose records have event time.
    std::size_t declare_idle(const node& log);
    [[nodiscard]] source_site* site_of(const source_stage_base& source);
    void save_state(binary_writer& writer) const;
    void load_state(binary_reader& reader);
    // As a checkpoint knows them: the running stages, by their place in stages(), and last the run itself, whose schema
    // is the shape of the graph: its logs, and what each stage's inputs are.
    [[nodiscard]] std::vector<checkpoint_stage> checkpoint_stages() const;
    // What has changed since the last call, or all.
    void save_changes(state_batch& to, bool all);
    // What plan_state.cpp puts beside the state of stages.
    void load_run(binary_reader& reader);
    void load_routed(std::size_t stage, std::optional<std::uint32_t> exchange, binary_reader& reader);
    void load_part(std::size_t index, binary_reader& reader);
    void load_held(std::size_t index, binary_reader& reader);
    // Of what an earlier run had taken back, and is waiting still; as it is, if there are as many threads as then.
    void load_taken_back(std::size_t index, std::size_t input, binary_reader& reader);
    // Where an instance takes back what waited in front of its input; null if nothing can wait there.
    [[nodiscard]] const taken_back* take_back(std::size_t index, std::size_t input);
    [[nodiscard]] std::vector<std::size_t> instances_of(std::uint32_t number) const;
    // How many there are in a run of this graph, over the same logs, with so many threads.
    [[nodiscard]] std::size_t instances_with(std::uint32_t number, unsigned threads) const;
    // How many channels meet at the gate of each input then; none where it has no gate.
    [[nodiscard]] std::vector<std::size_t> gated_channels_with(std::uint32_t number, unsigned threads) const;

  private:
    [[nodiscard]] std::string shape(const std::vector<std::string>& known_as) const;
    void fill_stage(stage_report& report) const;
    void fill_edges(run_report& report) const;
    void fill_logs(run_report& report) const;

    struct edge {
        std::uint32_t from, outlet, to;
        outlet_base* source;
        inlet_base* target;
        std::shared_ptr<ledger> routed;          // of an exchange: what was handed to the rings,
        std::vector<const inlet_base*> arrived;  // and where it comes out of them

        // Of a record that a ring lost, the consumer knows nothing.
        [[nodiscard]] std::uint64_t received() const;
    };
    struct receiving {
        std::uint32_t from, outlet, to;
        inlet_base* target;
    };

    void make_stages(const graph& what);
    void add_stage(std::unique_ptr<stage> run, std::uint32_t node, unsigned worker,
                   std::vector<std::pair<std::size_t, std::size_t>> upstream);
    void connect(const graph& what, std::size_t index);
    void connect_direct(const node& description, running_stage& to, std::size_t input, std::size_t from,
                        std::size_t channel, gate* merging);
    void connect_exchanges(const graph& what, std::uint32_t number);
    void find_room();
    [[nodiscard]] bool is_direct(std::size_t from, std::size_t to) const;
    void end_missing_inputs();
    void want_turns(const graph& what);
    void find_event_times();
    void collect_event_times(std::size_t from, source_site& site);
    [[nodiscard]] gate* gate_for(running_stage& to, const node& description, std::size_t input);
    [[nodiscard]] bool gated(const node& description, std::uint32_t number) const;
    [[nodiscard]] bool exchanged(const node& description) const;

    const graph* what_;
    run_state& shared_;
    run_outputs& outputs_;
    std::vector<std::vector<unsigned>> consumers_;  // per node, per outlet: how many inputs use it
    std::vector<std::unique_ptr<worker>> workers_;
    std::vector<std::unique_ptr<exchange_channel>> channels_;
    std::vector<router> routers_;
    std::vector<std::pair<std::uint32_t, std::shared_ptr<ledger>>> routed_;
    std::vector<running_stage> stages_;
    std::vector<edge> edges_;
};

}  // namespace weir::detail

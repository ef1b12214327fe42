// SPDX-License-Identifier: Apache-2.0
// What a graph keeps, as a text that stands in the source tree of whoever wrote the graph, so that a build can fail
// when a change would leave savepoints behind:
//
//   weir-schema 1
//   graph "payments"
//
//   log "csv #1"
//     kind "csv"
//
//   stage "velocity"
//     kind "process"
//     from "times.0"
//     keeps struct{
//       key: u32
//       state: struct{
//         count: i64
//         sum: f64
//       }
//     }
//
// `weir_schema_lock(...)` of the CMake package makes such a file and checks it in each build; `weir-schema` shows and
// compares such files and checkpoint folders. Both decide as a run does that is to go on from a checkpoint. They do not
// know what a graph cannot tell: into how many partitions a log is divided when it is read, and whether records wait in
// front of a stage, which goes on with them only if its inputs, and the types of their records, are what they were.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/record/migration_rules.hpp>
#include <weir/runtime/checkpointing.hpp>

namespace weir {

class graph;
struct checkpoint_info;

// A log, a stage or a sink, as a checkpoint knows it.
struct kept_stage {
    std::string name;         // its identity: what named() gave it, or what the graph calls it
    std::string kind;         // "process", "window", ...
    std::string schema = {};  // the names and types of what it keeps (record/schema.hpp); empty if not known
    bool log = false;
    unsigned partitions = 0;               // of a log; 0 if not known
    std::vector<std::string> inputs = {};  // of all others: "payments.0", the stage in front and its outlet
    friend bool operator==(const kept_stage&, const kept_stage&) = default;
};

struct kept_state {
    std::string graph;
    std::vector<kept_stage> stages;  // logs first, each part in the order of names
    friend bool operator==(const kept_state&, const kept_state&) = default;
};

// Opens nothing and reads nothing. Throws weir::error of kind configuration if a stage cannot be part of a checkpoint.
[[nodiscard]] kept_state kept_by(const graph& what);
[[nodiscard]] kept_state kept_in(const checkpoint_info& checkpoint);

// The same bytes for the same state, and a line per field. Lines that begin with # are for people.
[[nodiscard]] std::string schema_lock(const kept_state& kept);
[[nodiscard]] std::string schema_lock(const graph& what);
// Throws weir::error of kind input, which names `file` and the line.
[[nodiscard]] kept_state parse_schema_lock(std::string_view text, const std::string& file);

// What a graph that keeps one thing makes of a checkpoint that holds another: sentences without their stops.
struct schema_changes {
    std::vector<std::string> refused;   // why it does not go on: all of it
    std::vector<std::string> to_drop;   // stages that would have to be in checkpointing::dropped_stages
    std::vector<std::string> to_add;    // logs that would have to be in checkpointing::added_sources
    std::vector<std::string> accepted;  // what else is not what it was
    [[nodiscard]] bool fit() const noexcept { return refused.empty(); }
    [[nodiscard]] bool any() const noexcept { return !refused.empty() || !accepted.empty(); }
};

// Why the stage `is` cannot read what `was` has written under another schema; empty if it can.
using schema_judge =
    std::function<std::string(const kept_stage& was, const kept_stage& is, const migration_rules& rules)>;

// Of `options` the fields that were renamed, the stages that were dropped and the logs that were added. Graphs of two
// names do not fit, unless one is empty.
[[nodiscard]] schema_changes compare_kept(const kept_state& was, const kept_state& is, const checkpointing& options,
                                          const schema_judge& judge);
// The graph's own stages judge.
[[nodiscard]] schema_changes compare_kept(const kept_state& was, const graph& is, const checkpointing& options);
// Nothing but the tags: states of process stages may have changed as record/migration.hpp says, others may not. A type
// that says its tag itself is taken by its word.
[[nodiscard]] schema_changes compare_kept(const kept_state& was, const kept_state& is, const checkpointing& options);

// "velocity.last.count=events": in the state of stage 'velocity', what was last.count is called events. Names of stages
// may have dots: the longest that `was` has is meant. Throws weir::error of kind configuration if it is none.
[[nodiscard]] renamed_state_field parse_renamed_field(std::string_view text, const kept_state& was);

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// Gives the stages of a plan what a checkpoint holds of them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/record/type_tree.hpp>
#include <weir/runtime/checkpoint_store.hpp>
#include <weir/runtime/checkpointing.hpp>

#include "plan.hpp"
#include "waiting_loader.hpp"

namespace weir::detail {

// Beside a stage's shards: what its gates hold, if they do, and how far its channels are.
inline constexpr unsigned routed_part = 0xfffd;  // what exchanges in front of it have counted
inline constexpr unsigned held_part = 0xfffe;
inline constexpr unsigned plan_part = 0xffff;
inline constexpr std::string_view run_kind = "run";

// What a checkpoint calls each node of a graph, and each of its inputs: "payments.0".
[[nodiscard]] std::vector<std::string> identities(const graph& what);
[[nodiscard]] std::string input_text(const graph& what, const node_input& input,
                                     const std::vector<std::string>& known_as);

class state_loader {
  public:
    // Throws weir::error of kind state if the graph cannot go on from the checkpoint (schema_changes.cpp): stages are
    // gone, are of another kind, or keep something that is not what it was, and `options` does not say that this is
    // meant.
    state_loader(plan& into, const graph& what, const checkpoint_info& from, const checkpointing& options);
    // All entries twice, in the order of a checkpoint: first counted, so that stages can make room, then loaded; then
    // what waited in front of stages goes where it waits now.
    void count(const state_batch::entry& each);
    void make_room();
    void load(const state_batch::entry& each);
    void finish();

  private:
    // Where the entries of a stage of the checkpoint go.
    struct target {
        std::vector<std::size_t> stages{};  // of the plan, by worker; none: it has been dropped
        std::optional<std::size_t> same{};  // that of the same instance
        bool as_before = false;             // as many threads, and the same inputs
    };
    void compare_shapes();
    [[nodiscard]] bool as_before(const std::string& name) const;
    [[nodiscard]] target find(const checkpoint_stage& was) const;
    void check_changes() const;
    [[nodiscard]] std::string adopt_schema(const std::string& name, std::string_view was,
                                           const migration_rules& rules) const;
    void load_part(const target& to, const checkpoint_stage& was, const state_batch::entry& each);
    void load_held(const target& to, const checkpoint_stage& was, const state_batch::entry& each);
    void load_rows(const target& to, const checkpoint_stage& was, const state_batch::entry& each);
    [[nodiscard]] bool is_keyed(const target& of) const;
    [[nodiscard]] bool is_by_origin(const target& of) const;
    [[nodiscard]] bool is_source(std::size_t stage) const;
    [[nodiscard]] std::size_t same(const target& of, const checkpoint_stage& was) const;
    [[nodiscard]] std::size_t place_of(const target& to, unsigned shard) const;
    [[noreturn]] void refuse(const std::string& why) const;
    [[noreturn]] void refuse_waiting(const std::string& what, const checkpoint_stage& was) const;

    plan& into_;
    const graph& what_;
    const checkpoint_info& from_;
    const checkpointing& options_;
    const std::vector<checkpoint_stage> present_;
    bool same_threads_;
    bool same_shape_ = false;
    bool same_sources_ = false;
    std::optional<type_tree> was_;  // the stages of the shapes
    std::optional<type_tree> is_;
    std::vector<target> targets_;
    waiting_loader waiting_;
    std::vector<std::uint64_t> keys_;  // per stage of the plan
};

}  // namespace weir::detail

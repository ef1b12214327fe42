// SPDX-License-Identifier: Apache-2.0
// Gives the stages of a plan what a checkpoint holds of them.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <weir/runtime/checkpoint_store.hpp>
#include <weir/runtime/checkpointing.hpp>

#include "plan.hpp"

namespace weir::detail {

class state_loader {
  public:
    // Throws weir::error of kind state if the checkpoint is of other stages, or of stages that keep something else.
    state_loader(plan& into, const graph& what, const checkpoint_info& from, const checkpointing& options);
    // All entries twice, in the order of a checkpoint: first counted, so that stages can make room, then loaded.
    void count(const state_batch::entry& each);
    void make_room();
    void load(const state_batch::entry& each);

  private:
    // Where the entries of a stage of the checkpoint go.
    struct target {
        std::vector<std::size_t> stages;  // of the plan, by worker
        std::optional<std::size_t> same;  // that of the same instance
    };
    void adopt_schema(const checkpoint_stage& was, const checkpoint_stage& is, stage& goes_on) const;
    [[nodiscard]] bool is_keyed(const target& of) const;
    [[nodiscard]] bool is_source(const target& of) const;
    [[nodiscard]] std::size_t place_of(const target& to, unsigned shard) const;
    [[noreturn]] void refuse(const std::string& why) const;

    plan& into_;
    const graph& what_;
    const checkpoint_info& from_;
    const checkpointing& options_;
    std::vector<target> targets_;
    std::vector<std::uint64_t> keys_;  // per stage of the plan
};

}  // namespace weir::detail

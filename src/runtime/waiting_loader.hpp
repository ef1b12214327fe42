// SPDX-License-Identifier: Apache-2.0
// Takes what waited at the gates of a run to where it waits in a run with another number of threads.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <weir/flow/waiting_records.hpp>
#include <weir/record/type_tree.hpp>
#include <weir/runtime/checkpoint_store.hpp>

#include "plan.hpp"

namespace weir::detail {

class waiting_loader {
  public:
    waiting_loader(plan& into, const graph& what, const checkpoint_info& from);

    // Takes an entry of held_part, of a stage whose instances are `stages` now. False if what waited there was not what
    // comes to the stage now.
    [[nodiscard]] bool add(const std::vector<std::size_t>& stages, const checkpoint_stage& was,
                           const state_batch::entry& each);
    // When all have been added, what waits goes to its gates. The stage where it cannot; null if there is none.
    [[nodiscard]] const checkpoint_stage* finish();

  private:
    struct input_of {
        std::unique_ptr<waiting_records> waiting;
        const std::vector<std::size_t>* stages = nullptr;
        const checkpoint_stage* was = nullptr;
    };
    [[nodiscard]] waiting_records& at(const std::vector<std::size_t>& stages, const checkpoint_stage& was,
                                      std::size_t input);
    [[nodiscard]] std::string held_types_of(const std::string& name) const;

    plan& into_;
    const graph& what_;
    const checkpoint_info& from_;
    std::optional<type_tree> shape_;  // of the run that was
    std::map<std::pair<std::uint32_t, std::size_t>, input_of> inputs_;  // by node and input
};

}  // namespace weir::detail

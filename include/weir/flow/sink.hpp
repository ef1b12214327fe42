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

// A sink while it runs, as runners know it. What it makes visible, it makes visible in finish(true).
class sink_stage_base : public stage {
  public:
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

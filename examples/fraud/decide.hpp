// SPDX-License-Identifier: Apache-2.0
// Decisions on the transactions of files, and how good they are.
#pragma once
#include <string>
#include <vector>

#include <weir/flow/graph.hpp>
#include <weir/time/timestamp.hpp>

#include "score.hpp"

namespace fraud {

struct decide_files {
    std::vector<std::string> inputs;  // one log, in this order
    std::string output;               // JSON Lines: an object per transaction, late ones too, in the order of the log
    weir::duration max_disorder{};
};

// The score of a run is report.output(sink).front().
[[nodiscard]] weir::graph decide(const decide_files& files, const score_sink& sink);

}  // namespace fraud

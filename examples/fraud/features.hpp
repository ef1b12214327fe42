// SPDX-License-Identifier: Apache-2.0
// Features of card transactions for fraud detection, as a graph that any runner runs: per card and per merchant, each
// over what was known when the transaction came.
#pragma once
#include <string>
#include <vector>

#include <weir/flow/graph.hpp>
#include <weir/time/timestamp.hpp>

namespace fraud {

struct feature_files {
    std::vector<std::string> inputs;  // one log, in this order
    std::string output;               // a row per transaction; those that came too late go to "<output>.late.csv"
    weir::duration max_disorder{};
};

[[nodiscard]] weir::graph features(const feature_files& files);

}  // namespace fraud

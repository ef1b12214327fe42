// SPDX-License-Identifier: Apache-2.0
// What ./examples/run shows: the same features and decisions from all three runners, and how good the decisions are.
#pragma once
#include <string>

namespace fraud {

// Runs the features of `input`, and the decisions, in every mode into `folder`, compares the files, and prints a
// summary. Returns whether they are the same.
bool demonstrate(const std::string& input, const std::string& folder);

}  // namespace fraud

// SPDX-License-Identifier: Apache-2.0
// What ./examples/run shows: the same features from all three runners, and that the files are the same.
#pragma once
#include <string>

namespace fraud {

// Runs the features of `input` in every mode into `folder`, compares the files, and prints a summary. Returns whether
// they are the same.
bool demonstrate(const std::string& input, const std::string& folder);

}  // namespace fraud

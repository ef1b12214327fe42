// SPDX-License-Identifier: Apache-2.0
// The transactions a person would want to look at: those furthest above what their cards usually spend.
#pragma once
#include <string>

#include "features.hpp"

namespace fraud {

// Prints up to five of the rows that features(files) has written, largest card_amount_z first, each with the
// transaction it is of. Reads the output and the input once more.
void print_unusual(const feature_files& files);

}  // namespace fraud

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <weir/pattern/pattern_tree.hpp>

namespace weir::detail {

// Throws weir::error of kind configuration, with one sentence, if the pattern makes no sense.
void check_pattern(const pattern_tree& tree);

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// One line on a terminal that says how far a run has come; nothing where output is not a terminal.
#pragma once
#include <cstdint>

#include <weir/runtime/run.hpp>

namespace fraud {

// `expected` is the number of records if it is known, else 0.
[[nodiscard]] weir::progress_function progress_line(std::uint64_t expected = 0);
// Ends the line.
void clear_progress();

}  // namespace fraud

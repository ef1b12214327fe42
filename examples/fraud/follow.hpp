// SPDX-License-Identifier: Apache-2.0
// Decisions on the transactions of a file that grows, as they come.
#pragma once
#include <string>

#include <weir/runtime/report.hpp>
#include <weir/time/timestamp.hpp>

namespace fraud {

struct follow_options {
    std::string file;  // need not be there yet
    weir::duration max_disorder{};
};

// Writes a JSON object per transaction to standard output, as decide does to a file, until the program is told to end
// (SIGINT, SIGTERM): then what is in the file is still decided on. If the error output is a terminal, its last line
// says how things stand. Throws weir::error as a run does.
[[nodiscard]] weir::run_report follow(const follow_options& options);

}  // namespace fraud

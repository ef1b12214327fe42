// SPDX-License-Identifier: Apache-2.0
// What the commands that run a graph over files have in common on the command line.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include <weir/flow/graph.hpp>
#include <weir/runtime/run.hpp>

namespace fraud {

struct run_arguments {
    std::vector<std::string> inputs;
    std::string output;
    std::string mode = "batch";
    std::string interval = "1s";
    std::string max_disorder = "1h";
    unsigned threads = 1;
    std::string checkpoint;  // a folder; empty: none
    std::string every = "1s";
    std::string savepoint;  // a folder to begin from
};

void add_run_arguments(CLI::App& command, run_arguments& arguments, const std::string& about_output);
void add_max_disorder(CLI::App& command, std::string& value);

// An integer and one of ms, s, m, h, d; else an error of kind configuration that names the option.
[[nodiscard]] weir::duration parse_length(const std::string& text, const std::string& option, bool may_be_zero);

// The same for what is shorter, us too, and never zero.
[[nodiscard]] weir::duration parse_budget(const std::string& text, const std::string& option);

// Runs the graph as the arguments say, with a line of progress on a terminal.
[[nodiscard]] weir::run_report run_as_said(const weir::graph& graph, const run_arguments& arguments);

}  // namespace fraud

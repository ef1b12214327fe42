// SPDX-License-Identifier: Apache-2.0
// weir-state: looks into a checkpoint folder, also while a job writes there, and changes nothing. Exit code 0; 1 if it
// found damage, or a difference; 2 with one sentence if it could not do what it was asked for.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <sstream>

#include "state_reports.hpp"

namespace {

using namespace weir_state;

struct all_arguments {
    selection which;
    line_options options;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
};

CLI::App& add_command(CLI::App& app, all_arguments& arguments, const char* name, const char* about) {
    CLI::App& command = *app.add_subcommand(name, about);
    command.add_option("folder", arguments.which.folder, "Where checkpoints are written")->required();
    return command;
}
void add_stage(CLI::App& command, all_arguments& arguments) {
    command.add_option("--stage", arguments.which.stage, "Only the stage of this name");
}
void add_epoch(CLI::App& command, all_arguments& arguments) {
    command.add_option("--epoch", arguments.which.epoch, "Of this checkpoint, not of the newest")->check(whole_number);
}
void add_hexadecimal(CLI::App& command, all_arguments& arguments) {
    command.add_flag("--hex", arguments.options.all_hexadecimal, "All keys and values in hexadecimal digits");
}

int run(int argc, char** argv) {
    CLI::App app{"Looks into the checkpoints of a weir job, and changes nothing"};
    app.require_subcommand(1);
    all_arguments arguments;
    const CLI::App& list_command = add_command(app, arguments, "list", "The checkpoints, from the newest");
    CLI::App& stages_command = add_command(app, arguments, "stages", "The stages of a checkpoint, and what they keep");
    CLI::App& print_command =
        add_command(app, arguments, "print", "All state in a checkpoint, a line of JSON per entry");
    const CLI::App& verify_command = add_command(app, arguments, "verify", "Read everything, and check all CRCs");
    CLI::App& diff_command = add_command(app, arguments, "diff", "What differs, a line of JSON per entry");
    diff_command.add_option("from", arguments.from, "An epoch")->required()->check(whole_number);
    diff_command.add_option("to", arguments.to, "Another one")->required()->check(whole_number);
    for (CLI::App* each : {&stages_command, &print_command}) add_epoch(*each, arguments);
    for (CLI::App* each : {&stages_command, &print_command, &diff_command}) add_stage(*each, arguments);
    for (CLI::App* each : {&print_command, &diff_command}) add_hexadecimal(*each, arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        std::ostringstream said;
        const int code = app.exit(wrong, said, said);
        print_lines(code == 0 ? stdout : stderr, said.str());
        return code == 0 ? exit_well : exit_refused;
    }
    const selection& which = arguments.which;
    if (list_command.parsed()) return list(which.folder);
    if (stages_command.parsed()) return stages(which);
    if (print_command.parsed()) return print(which, arguments.options);
    if (verify_command.parsed()) return verify(which.folder);
    return diff(which.folder, arguments.from, arguments.to, which.stage, arguments.options);
}

}  // namespace

int main(int argc, char** argv) { return weir_state::run_tool("weir-state", run, argc, argv, exit_refused); }

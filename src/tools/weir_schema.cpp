// SPDX-License-Identifier: Apache-2.0
// weir-schema: shows what a graph keeps, and whether one goes on from what another one has kept, as lock files and
// checkpoint folders say it. Exit code 0; 1 if it does not fit; 2 with one sentence if it could not do what it was
// asked for.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include <weir/base/error.hpp>
#include <weir/runtime/checkpoint_store.hpp>
#include <weir/runtime/schema_lock.hpp>

#include "state_lines.hpp"

namespace {

using weir_state::printable;
using weir_state::print_lines;
using weir_state::whole_number;

constexpr int exit_fits = 0;
constexpr int exit_does_not_fit = 1;
constexpr int exit_refused = 2;

struct all_arguments {
    std::string shown;
    std::optional<std::uint64_t> epoch;
    std::string before;
    std::string after;
    std::vector<std::string> renamed;
    weir::checkpointing options;
};

// Of the newest checkpoint that is sound, or of that epoch.
weir::kept_state kept_in_folder(const std::string& folder, std::optional<std::uint64_t> epoch) {
    std::vector<std::string> problems;
    const auto found = weir::list_checkpoints(weir::machine(), folder, problems);
    for (const std::string& each : problems) fmt::print(stderr, "weir-schema: {}\n", printable(each));
    for (const weir::checkpoint_info& each : found) {
        if (!epoch || each.epoch == *epoch) return weir::kept_in(each);
    }
    throw weir::error(weir::error_kind::state, "there is no sound checkpoint " +
                                                   (epoch ? std::to_string(*epoch) + " " : std::string{}) + "in '" +
                                                   folder + "'");
}

weir::kept_state kept_at(const std::string& path, std::optional<std::uint64_t> epoch = {}) {
    if (std::filesystem::is_directory(path)) return kept_in_folder(path, epoch);
    if (epoch) throw weir::error(weir::error_kind::configuration, "'" + path + "' is a lock file, which has no epochs");
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file.is_open() || file.bad()) throw weir::error(weir::error_kind::io, "'" + path + "' cannot be read");
    return weir::parse_schema_lock(text, path);
}

int check(const all_arguments& arguments) {
    const weir::kept_state before = kept_at(arguments.before);
    const weir::kept_state after = kept_at(arguments.after);
    weir::checkpointing options = arguments.options;
    for (const std::string& each : arguments.renamed) {
        options.renamed_fields.push_back(weir::parse_renamed_field(each, before));
    }
    const weir::schema_changes found = weir::compare_kept(before, after, options);
    for (const std::string& each : found.fit() ? found.accepted : found.refused) {
        fmt::print("{}\n", printable(each));
    }
    return found.fit() ? exit_fits : exit_does_not_fit;
}

int run(int argc, char** argv) {
    CLI::App app{"Shows and compares what graphs of weir keep"};
    app.require_subcommand(1);
    all_arguments arguments;
    CLI::App& show = *app.add_subcommand("show", "Print what a graph keeps, as a lock file says it");
    show.add_option("what", arguments.shown, "A lock file, or a folder of checkpoints")->required();
    show.add_option("--epoch", arguments.epoch, "Of this checkpoint, not of the newest")->check(whole_number);
    CLI::App& check_command = *app.add_subcommand("check", "Whether the new graph goes on from checkpoints of the old");
    check_command.add_option("old", arguments.before, "A lock file, or a folder of checkpoints")->required();
    check_command.add_option("new", arguments.after, "Another one")->required();
    check_command.add_option("--renamed", arguments.renamed, "A field that has another name: stage.old=new");
    check_command.add_option("--dropped", arguments.options.dropped_stages, "A stage whose state may be forgotten");
    check_command.add_option("--added", arguments.options.added_sources, "A new log, to be read from its beginning");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        std::ostringstream said;
        const int code = app.exit(wrong, said, said);
        print_lines(code == 0 ? stdout : stderr, said.str());
        return code == 0 ? exit_fits : exit_refused;
    }
    if (check_command.parsed()) return check(arguments);
    fmt::print("{}", weir::schema_lock(kept_at(arguments.shown, arguments.epoch)));
    return exit_fits;
}

}  // namespace

int main(int argc, char** argv) { return weir_state::run_tool("weir-schema", run, argc, argv, exit_refused); }

// SPDX-License-Identifier: Apache-2.0
// weir-fraud: features of card transactions. Exit code 0, or 2 with one sentence on the error output.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

#include <weir/flow/explain.hpp>
#include <weir/record/time_text.hpp>
#include <weir/runtime/run.hpp>

#include "demo.hpp"
#include "features.hpp"
#include "outputs.hpp"
#include "printable.hpp"
#include "progress.hpp"

namespace {

constexpr int exit_bad_input = 2;

struct feature_options {
    fraud::feature_files files;
    std::string mode = "batch";
    std::string interval = "1s";
    std::string max_disorder = "1h";
    unsigned threads = 1;
};

// An integer and one of ms, s, m, h, d.
weir::duration parse_length(const std::string& text, const std::string& option, bool may_be_zero) {
    weir::duration value{};
    const bool digits_first = !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0;
    const bool coarse = !text.ends_with("ns") && !text.ends_with("us");
    const weir::text_error problem = weir::parse_duration(text, value);
    if (digits_first && coarse && problem == weir::text_error::out_of_range) {
        throw weir::error(weir::error_kind::configuration,
                          option + ": '" + text + "' is longer than 106751d, the most that nanoseconds can count");
    }
    if (!digits_first || !coarse || problem != weir::text_error::none) {
        throw weir::error(
            weir::error_kind::configuration,
            option + ": '" + text + "' is no duration: write an integer and ms, s, m, h or d, such as 90s");
    }
    if (!may_be_zero && value <= weir::duration::zero()) {
        throw weir::error(weir::error_kind::configuration, option + ": must be above zero");
    }
    return value;
}

weir::run_report run_features(const feature_options& options) {
    const weir::duration interval = parse_length(options.interval, "--interval", false);
    fraud::feature_files files = options.files;
    files.max_disorder = parse_length(options.max_disorder, "--max-disorder", true);
    fraud::check_outputs(files);
    const weir::graph graph = fraud::features(files);
    weir::run_tuning tuning;
    fraud::watched_machine where(files.inputs);
    tuning.progress = where.progress_line();
    if (options.mode == "event-loop") return weir::run(graph, weir::event_loop{options.threads, tuning}, where);
    if (options.mode == "micro-batch") {
        weir::micro_batch runner;
        runner.every = interval;
        runner.threads = options.threads;
        runner.tuning = tuning;
        return weir::run(graph, runner, where);
    }
    weir::batch runner;
    runner.threads = options.threads;
    runner.tuning = tuning;
    return weir::run(graph, runner, where);
}

void add_features(CLI::App& app, feature_options& options) {
    CLI::App& command = *app.add_subcommand("features", "Write one row of features per transaction, in input order");
    command.add_option("--input", options.files.inputs, "CSV files, also gzip; several are one log, in this order")
        ->required()
        ->expected(1, 1'000'000)
        ->allow_extra_args(false);  // with them, CLI11 takes '[a,b]' for two arguments
    command.add_option("--output", options.files.output, "The CSV file to write; late ones go to FILE.late.csv")
        ->required();
    command.add_option("--mode", options.mode, "batch, micro-batch or event-loop; the output is the same")
        ->check(CLI::IsMember({"event-loop", "micro-batch", "batch"}))
        ->capture_default_str();
    command.add_option("--threads", options.threads, "Workers")->check(CLI::Range(1, 128))->capture_default_str();
    command.add_option("--interval", options.interval, "Wall-clock length of a micro-batch: 500ms, 1s, ...")
        ->capture_default_str();
    command
        .add_option("--max-disorder", options.max_disorder,
                    "How far behind the newest transaction one may come and still count")
        ->capture_default_str();
}

// What CLI11 says repeats arguments as they are.
void print_lines(std::FILE* to, const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) fmt::print(to, "{}\n", fraud::printable(line));
}

int run(int argc, char** argv) {
    CLI::App app{"Fraud features of card transactions, in batch, micro-batches or record by record"};
    app.require_subcommand(1);
    feature_options options;
    add_features(app, options);
    std::string input;
    std::string folder = "out";
    CLI::App& demo = *app.add_subcommand("demo", "Run all modes on one file and show that they agree");
    demo.add_option("--input", input, "A CSV file of transactions")->required();
    demo.add_option("--folder", folder, "Where the files go")->capture_default_str();
    bool dot = false;
    CLI::App& explain = *app.add_subcommand("explain", "Print the graph of the features");
    explain.add_flag("--dot", dot, "As Graphviz DOT");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        std::ostringstream said;
        const int code = app.exit(wrong, said, said);
        print_lines(code == 0 ? stdout : stderr, said.str());
        return code == 0 ? 0 : exit_bad_input;
    }
    if (demo.parsed()) return fraud::demonstrate(input, folder) ? 0 : 1;
    if (explain.parsed()) {
        const weir::graph graph = fraud::features({{"transactions.csv"}, "features.csv", std::chrono::hours{1}});
        fmt::print("{}", dot ? weir::explain_dot(graph) : weir::explain(graph));
        return 0;
    }
    const weir::run_report report = run_features(options);
    fraud::clear_progress();
    fmt::print("{}", report.to_text());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& wrong) {
        fraud::clear_progress();
        fmt::print(stderr, "weir-fraud: {}\n", fraud::printable(wrong.what()));
        return exit_bad_input;
    }
}

// SPDX-License-Identifier: Apache-2.0
// weir-fraud: features of card transactions, decisions, and transactions to try them with. Exit code 0, or 2 with one
// sentence on the error output.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <sstream>
#include <string>

#include <weir/flow/explain.hpp>

#include "arguments.hpp"
#include "bench.hpp"
#include "decide.hpp"
#include "demo.hpp"
#include "features.hpp"
#include "follow.hpp"
#include "generate.hpp"
#include "outputs.hpp"
#include "printable.hpp"
#include "progress.hpp"

namespace {

constexpr int exit_bad_input = 2;

struct all_arguments {
    fraud::run_arguments features;
    fraud::run_arguments decide;
    fraud::traffic_options traffic;
    std::string generated;
    std::string followed;
    std::string followed_disorder = "1h";
    fraud::bench_options bench;
    std::string bench_budget = "1ms";
    bool bench_json = false;
    std::string demo_input;
    std::string demo_folder = "out";
    std::string explained = "features";
    bool dot = false;
};

CLI::App& add_features(CLI::App& app, all_arguments& arguments) {
    CLI::App& command = *app.add_subcommand("features", "Write one row of features per transaction, in input order");
    fraud::add_run_arguments(command, arguments.features, "The CSV file to write; late ones go to FILE.late.csv");
    return command;
}

CLI::App& add_decide(CLI::App& app, all_arguments& arguments) {
    CLI::App& command = *app.add_subcommand("decide", "Write one decision per transaction, in input order");
    fraud::add_run_arguments(command, arguments.decide, "The file to write, a JSON object per line");
    return command;
}

CLI::App& add_generate(CLI::App& app, all_arguments& arguments) {
    CLI::App& command = *app.add_subcommand("generate", "Write made-up transactions, some of them fraud");
    command.add_option("--cards", arguments.traffic.cards, "How many cards")
        ->check(CLI::Range(1U, 1'000'000'000U))
        ->capture_default_str();
    command.add_option("--transactions", arguments.traffic.transactions, "How many transactions")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}))
        ->capture_default_str();
    command.add_option("--days", arguments.traffic.days, "In how many days, from 2024-01-01 on")
        ->check(CLI::Range(1U, 36'500U))
        ->capture_default_str();
    command.add_option("--seed", arguments.traffic.seed, "The same seed gives the same file")
        ->check([](const std::string& text) {  // CLI11 takes -1 for the highest number
            const bool whole = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
            return whole ? std::string{} : "'" + text + "' is no whole number from 0 on";
        })
        ->capture_default_str();
    command.add_option("--output", arguments.generated, "The CSV file to write")->required();
    return command;
}

CLI::App& add_follow(CLI::App& app, all_arguments& arguments) {
    CLI::App& command = *app.add_subcommand("follow", "Print decisions on a file that grows, until interrupted");
    command.add_option("file", arguments.followed, "A CSV file; it need not be there yet")->required();
    fraud::add_max_disorder(command, arguments.followed_disorder);
    return command;
}

CLI::App& add_bench(CLI::App& app, all_arguments& arguments) {
    CLI::App& command = *app.add_subcommand("bench", "Measure how soon decisions are made when asked for steadily");
    command.add_option("--rate", arguments.bench.rate, "Requests per second, of all askers together")
        ->check(CLI::Range(1U, 1'000'000U))
        ->capture_default_str();
    command.add_option("--seconds", arguments.bench.seconds, "How long; the machine alone takes as long again")
        ->check(CLI::Range(0.01, 3'600.0))
        ->check([](const std::string& text) {  // to CLI11 nan lies within any range
            const bool number = text.find_first_not_of("0123456789.eE+") == std::string::npos;
            return number ? std::string{} : "'" + text + "' is no number of seconds";
        })
        ->capture_default_str();
    command.add_option("--askers", arguments.bench.askers, "Threads that ask")
        ->check(CLI::Range(1U, 128U))
        ->capture_default_str();
    command.add_option("--budget", arguments.bench_budget, "What takes longer is a miss: 500us, 1ms, ...")
        ->capture_default_str();
    command.add_flag("--json", arguments.bench_json, "One line of JSON; no highest rate is looked for");
    return command;
}

CLI::App& add_demo(CLI::App& app, all_arguments& arguments) {
    CLI::App& command = *app.add_subcommand("demo", "Run all modes on one file and show that they agree");
    command.add_option("--input", arguments.demo_input, "A CSV file of transactions")->required();
    command.add_option("--folder", arguments.demo_folder, "Where the files go")->capture_default_str();
    return command;
}

CLI::App& add_explain(CLI::App& app, all_arguments& arguments) {
    CLI::App& command = *app.add_subcommand("explain", "Print a graph");
    command.add_option("graph", arguments.explained, "features or decide")
        ->check(CLI::IsMember({"features", "decide"}))
        ->capture_default_str();
    command.add_flag("--dot", arguments.dot, "As Graphviz DOT");
    return command;
}

int run_features(const fraud::run_arguments& arguments) {
    const fraud::feature_files files{arguments.inputs, arguments.output,
                                     fraud::parse_length(arguments.max_disorder, "--max-disorder", true)};
    fraud::check_outputs(files.inputs, {files.output, files.output + ".late.csv"});
    const weir::run_report report = fraud::run_as_said(fraud::features(files), arguments);
    fraud::clear_progress();
    fmt::print("{}", report.to_text());
    return 0;
}

int run_decide(const fraud::run_arguments& arguments) {
    const fraud::decide_files files{arguments.inputs, arguments.output,
                                    fraud::parse_length(arguments.max_disorder, "--max-disorder", true)};
    fraud::check_outputs(files.inputs, {files.output});
    const fraud::score_sink score;
    const weir::run_report report = fraud::run_as_said(fraud::decide(files, score), arguments);
    fraud::clear_progress();
    fmt::print("{}\n{}", report.to_text(), report.output(score).front().to_text());
    return 0;
}

int run_generate(const all_arguments& arguments) {
    fraud::check_outputs({}, {arguments.generated});
    for (const auto& [ending, packer] : {std::pair{".gz", "gzip"}, {".zst", "zstd"}, {".lz4", "lz4"}}) {
        if (!arguments.generated.ends_with(ending)) continue;
        throw weir::error(weir::error_kind::configuration,
                          "--output: '" + arguments.generated + "' would be read as " + packer +
                              ", but is written as plain text: give it another name, and pack it then");
    }
    fraud::watched_machine where({});
    weir::batch runner;
    runner.tuning.progress = where.progress_line();
    const weir::run_report report = weir::run(fraud::generate(arguments.traffic, arguments.generated), runner, where);
    fraud::clear_progress();
    fmt::print("{} transactions of {} cards in {} days from seed {}: {}, {:.0f} rows/s\n", report.records,
               arguments.traffic.cards, arguments.traffic.days, arguments.traffic.seed,
               fraud::printable(arguments.generated), report.records_per_second());
    return 0;
}

int run_follow(const all_arguments& arguments) {
    const weir::duration disorder = fraud::parse_length(arguments.followed_disorder, "--max-disorder", true);
    const weir::run_report report = fraud::follow({arguments.followed, disorder});
    fraud::clear_progress();
    fmt::print(stderr, "{}", report.to_text());
    return 0;
}

int run_bench(const all_arguments& arguments) {
    fraud::bench_options options = arguments.bench;
    options.budget = fraud::parse_budget(arguments.bench_budget, "--budget");
    if (!arguments.bench_json) options.longest_search = fraud::search_for(options);
    const fraud::bench_result result = fraud::bench(options);
    fmt::print("{}", arguments.bench_json ? fraud::to_json(options, result) : fraud::to_text(options, result));
    return 0;
}

int run_explain(const std::string& which, bool dot) {
    const std::chrono::hours disorder{1};
    const weir::graph graph = which == "decide"
                                  ? fraud::decide({{"transactions.csv"}, "decisions.jsonl", disorder}, {})
                                  : fraud::features({{"transactions.csv"}, "features.csv", disorder});
    fmt::print("{}", dot ? weir::explain_dot(graph) : weir::explain(graph));
    return 0;
}

// What CLI11 says repeats arguments as they are.
void print_lines(std::FILE* to, const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) fmt::print(to, "{}\n", fraud::printable(line));
}

int run(int argc, char** argv) {
    CLI::App app{"Fraud features of card transactions, and decisions, in batch, micro-batches or record by record"};
    app.require_subcommand(1);
    all_arguments arguments;
    const CLI::App& features = add_features(app, arguments);
    const CLI::App& decide = add_decide(app, arguments);
    const CLI::App& generate = add_generate(app, arguments);
    const CLI::App& follow = add_follow(app, arguments);
    const CLI::App& bench = add_bench(app, arguments);
    const CLI::App& demo = add_demo(app, arguments);
    const CLI::App& explain = add_explain(app, arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        std::ostringstream said;
        const int code = app.exit(wrong, said, said);
        print_lines(code == 0 ? stdout : stderr, said.str());
        return code == 0 ? 0 : exit_bad_input;
    }
    if (features.parsed()) return run_features(arguments.features);
    if (decide.parsed()) return run_decide(arguments.decide);
    if (generate.parsed()) return run_generate(arguments);
    if (follow.parsed()) return run_follow(arguments);
    if (bench.parsed()) return run_bench(arguments);
    if (demo.parsed()) return fraud::demonstrate(arguments.demo_input, arguments.demo_folder) ? 0 : 1;
    if (explain.parsed()) return run_explain(arguments.explained, arguments.dot);
    return exit_bad_input;
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

// SPDX-License-Identifier: Apache-2.0
#include "demo.hpp"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string_view>

#include <weir/record/utf8.hpp>
#include <weir/runtime/run.hpp>

#include "bench.hpp"
#include "decide.hpp"
#include "features.hpp"
#include "outputs.hpp"
#include "printable.hpp"
#include "progress.hpp"
#include "unusual.hpp"

namespace fraud {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t widest_line = 200;
constexpr unsigned most_blocked = 3;

std::string whole_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Runs one graph in several modes, and says whether they wrote the same.
class comparison {
  public:
    explicit comparison(std::string input) : input_(std::move(input)) {}

    template <class Runner>
    void show(const char* mode, Runner runner, const weir::graph& graph, const std::vector<std::string>& outputs) {
        watched_machine where({input_});
        runner.tuning.progress = where.progress_line();
        last = weir::run(graph, runner, where);
        clear_progress();
        std::string bytes;
        for (const std::string& output : outputs) bytes += whole_file(output);
        if (first_.empty()) first_ = bytes;
        same = same && bytes == first_;
        fmt::print("{:<28}{:>12.2f}{:>14.0f}   {}\n", mode, std::chrono::duration<double>(last.elapsed).count(),
                   last.records_per_second(), bytes == first_ ? "the same bytes" : "DIFFERENT");
        std::fflush(stdout);
    }
    void print_head(const char* what) const {
        fmt::print("{} of {}, one graph, run in every mode:\n\n", what, printable(input_));
        fmt::print("{:<28}{:>12}{:>14}   {}\n", "mode", "seconds", "records/s", "output");
        std::fflush(stdout);
    }

    weir::run_report last;
    bool same = true;

  private:
    std::string input_;
    std::string first_;
};

void print_blocked(const std::string& output) {
    std::ifstream file(output, std::ios::binary);
    unsigned shown = 0;
    for (std::string line; shown < most_blocked && std::getline(file, line);) {
        if (line.find(",\"decision\":\"BLOCK\",") == std::string::npos) continue;
        if (shown++ == 0) fmt::print("\nThe first that are blocked, and why:\n\n");
        const std::string safe = printable(line);
        fmt::print("{}{}\n", weir::cut_text(safe, widest_line), safe.size() > widest_line ? "..." : "");
    }
}

// How soon one transaction is decided on, when a service asks for it in its own process.
void print_budget() {
    bench_options options;
    options.seconds = 1;
    fmt::print("\nDecisions asked for one by one:\n\n{}", to_text(options, bench(options)));
}

}  // namespace

bool demonstrate(const std::string& input, const std::string& folder) {
    const auto files_of = [&](const std::string& mode) {
        return feature_files{{input}, folder + "/features-" + mode + ".csv", 1h};
    };
    const auto decisions_of = [&](const std::string& mode) {
        return decide_files{{input}, folder + "/decisions-" + mode + ".jsonl", 1h};
    };
    for (const char* mode : {"batch", "batch-2-threads", "micro-batch", "event-loop"}) {
        const std::string output = files_of(mode).output;
        check_outputs({input}, {output, output + ".late.csv"});
        check_outputs({input}, {decisions_of(mode).output});
    }
    made_folder made(folder);
    const auto in_all_modes = [](const auto& show) {
        show("batch", weir::batch{});
        show("batch-2-threads", weir::batch{.threads = 2});
        show("micro-batch", weir::micro_batch{.every = 100ms});
        show("event-loop", weir::event_loop{});
    };

    comparison of_features(input);
    of_features.print_head("Features");
    in_all_modes([&](const char* mode, const auto& runner) {
        const feature_files files = files_of(mode);
        of_features.show(mode, runner, features(files), {files.output, files.output + ".late.csv"});
        made.keep();
    });
    fmt::print("\nThe ledger: every record that came in is accounted for.\n\n{}", of_features.last.to_text());
    print_unusual(files_of("batch"));

    comparison of_decisions(input);
    const score_sink score;
    fmt::print("\n");
    of_decisions.print_head("Decisions");
    in_all_modes([&](const char* mode, const auto& runner) {
        const decide_files files = decisions_of(mode);
        of_decisions.show(mode, runner, decide(files, score), {files.output});
    });
    print_blocked(decisions_of("batch").output);
    fmt::print("\n{}", of_decisions.last.output(score).front().to_text());

    print_budget();

    const bool same = of_features.same && of_decisions.same;
    fmt::print("\n{}\nOutput: {}\n        {}\n",
               same ? "All modes wrote the same files, byte for byte." : "THE MODES DIFFER: this is a bug.",
               printable(files_of("batch").output), printable(decisions_of("batch").output));
    return same && of_features.last.balanced() && of_decisions.last.balanced();
}

}  // namespace fraud

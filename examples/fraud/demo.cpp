// SPDX-License-Identifier: Apache-2.0
#include "demo.hpp"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <iterator>

#include <weir/runtime/run.hpp>

#include "features.hpp"
#include "outputs.hpp"
#include "printable.hpp"
#include "progress.hpp"
#include "unusual.hpp"

namespace fraud {
namespace {

using namespace std::chrono_literals;

std::string whole_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

bool demonstrate(const std::string& input, const std::string& folder) {
    const auto files_of = [&](const std::string& mode) {
        return feature_files{{input}, folder + "/features-" + mode + ".csv", 1h};
    };
    for (const char* mode : {"batch", "batch-2-threads", "micro-batch", "event-loop"}) {
        const std::string output = files_of(mode).output;
        check_outputs({input}, {output, output + ".late.csv"});
    }
    made_folder made(folder);
    std::string first;
    bool same = true;
    weir::run_report last;
    fmt::print("Features of {}, one graph, run in every mode:\n\n", printable(input));
    fmt::print("{:<28}{:>12}{:>14}   {}\n", "mode", "seconds", "records/s", "output");
    std::fflush(stdout);
    const auto show = [&](const char* mode, auto runner) {
        const feature_files files = files_of(mode);
        watched_machine where(files.inputs);
        runner.tuning.progress = where.progress_line();
        last = weir::run(features(files), runner, where);
        clear_progress();
        const std::string bytes = whole_file(files.output) + whole_file(files.output + ".late.csv");
        if (first.empty()) first = bytes;
        same = same && bytes == first;
        fmt::print("{:<28}{:>12.2f}{:>14.0f}   {}\n", mode, std::chrono::duration<double>(last.elapsed).count(),
                   last.records_per_second(), bytes == first ? "the same bytes" : "DIFFERENT");
        std::fflush(stdout);
    };
    show("batch", weir::batch{});
    made.keep();
    show("batch-2-threads", weir::batch{.threads = 2});
    show("micro-batch", weir::micro_batch{.every = 100ms});
    show("event-loop", weir::event_loop{});
    fmt::print("\nThe ledger: every record that came in is accounted for.\n\n{}", last.to_text());
    print_unusual(files_of("batch"));
    fmt::print("\n{}\nOutput: {}\n",
               same ? "All modes wrote the same files, byte for byte." : "THE MODES DIFFER: this is a bug.",
               printable(files_of("batch").output));
    return same && last.balanced();
}

}  // namespace fraud

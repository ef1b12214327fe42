// SPDX-License-Identifier: Apache-2.0
#include "demo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include <weir/runtime/run.hpp>

#include "features.hpp"
#include "progress.hpp"

namespace fraud {
namespace {

using namespace std::chrono_literals;

std::string whole_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> fields_of(const std::string& line) {
    std::vector<std::string> fields{""};
    bool quoted = false;
    for (const char c : line) {
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            fields.emplace_back();
        } else {
            fields.back() += c;
        }
    }
    return fields;
}

// The rows with the largest card_amount_z: what a person would want to look at.
void show_rows(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    const auto names = fields_of(line);
    const auto column = [&](const char* name) {
        return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    };
    const std::size_t z = column("card_amount_z");
    std::vector<std::pair<double, std::vector<std::string>>> rows;
    while (std::getline(file, line)) {
        auto fields = fields_of(line);
        const double value = fields[z].empty() ? 0 : std::stod(fields[z]);
        rows.emplace_back(value, std::move(fields));
    }
    const std::size_t shown = std::min<std::size_t>(5, rows.size());
    std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(shown), rows.end(),
                      [](const auto& left, const auto& right) { return left.first > right.first; });
    const char* wanted[] = {"id", "card_count_1h", "card_sum_24h", "card_mean_7d", "card_merchants_24h",
                            "card_seconds_since_last", "card_amount_z", "merchant_count_24h"};
    fmt::print("\nThe transactions furthest above what their cards usually spend:\n");
    for (const char* name : wanted) fmt::print("{:>24}", name);
    fmt::print("\n");
    for (std::size_t i = 0; i < shown; ++i) {
        for (const char* name : wanted) {
            const std::string& text = rows[i].second[column(name)];
            fmt::print("{:>24}", text.find('.') == std::string::npos ? text : fmt::format("{:.2f}", std::stod(text)));
        }
        fmt::print("\n");
    }
}

}  // namespace

bool demonstrate(const std::string& input, const std::string& folder) {
    std::filesystem::create_directories(folder);
    std::string first;
    bool same = true;
    std::uint64_t expected = 0;
    weir::run_report last;
    fmt::print("Features of {}, one graph, run in every mode:\n\n", input);
    fmt::print("{:<28}{:>12}{:>14}   {}\n", "mode", "seconds", "records/s", "output");
    const auto show = [&](const char* mode, const auto& runner) {
        const std::string output = folder + "/features-" + mode + ".csv";
        auto tuned = runner;
        tuned.tuning.progress = progress_line(expected);
        last = weir::run(features({{input}, output, 1h}), tuned);
        clear_progress();
        expected = last.records;
        const std::string bytes = whole_file(output) + whole_file(output + ".late.csv");
        if (first.empty()) first = bytes;
        same = same && bytes == first;
        fmt::print("{:<28}{:>12.2f}{:>14.0f}   {}\n", mode, std::chrono::duration<double>(last.elapsed).count(),
                   last.records_per_second(), bytes == first ? "the same bytes" : "DIFFERENT");
        std::fflush(stdout);
    };
    show("batch", weir::batch{});
    show("batch-2-threads", weir::batch{.threads = 2});
    show("micro-batch", weir::micro_batch{.every = 100ms});
    show("event-loop", weir::event_loop{});
    fmt::print("\nThe ledger: every record that came in is accounted for.\n\n{}", last.to_text());
    show_rows(folder + "/features-batch.csv");
    fmt::print("\n{}\nOutput: {}/features-batch.csv\n",
               same ? "All modes wrote the same files, byte for byte." : "THE MODES DIFFER: this is a bug.", folder);
    return same && last.balanced();
}

}  // namespace fraud

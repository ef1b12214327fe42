// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace fraud {
namespace {

constexpr std::size_t bar_width = 30;

std::string bar(std::uint64_t done, std::uint64_t expected) {
    const auto filled = static_cast<std::size_t>(std::min<std::uint64_t>(bar_width, done * bar_width / expected));
    return "[" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "] ";
}

}  // namespace

weir::progress_function progress_line(std::uint64_t expected) {
    if (isatty(STDERR_FILENO) == 0) return {};
    return [expected](const weir::progress_report& report) {
        const double seconds = std::chrono::duration<double>(report.elapsed).count();
        const double rate = seconds > 0 ? static_cast<double>(report.records) / seconds : 0;
        fmt::print(stderr, "\r\033[K{}{} transactions, {:.0f}/s", expected == 0 ? "" : bar(report.records, expected),
                   report.records, rate);
        std::fflush(stderr);
    };
}

void clear_progress() {
    if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\033[K");
}

}  // namespace fraud

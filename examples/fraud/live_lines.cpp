// SPDX-License-Identifier: Apache-2.0
#include "live_lines.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <weir/base/error.hpp>

namespace fraud {

void live_output::write(std::string_view lines, std::uint64_t count) {
    const std::lock_guard alone(busy_);
    clear_status();
    if (std::fwrite(lines.data(), 1, lines.size(), stdout) != lines.size() || std::fflush(stdout) != 0) {
        throw weir::error(weir::error_kind::io,
                          std::string{"cannot write to standard output: "} + std::strerror(errno));
    }
    pace_.lines += count;
    if (begun_) pace_.latency.record(clock::now() - *begun_);
    begun_.reset();
}

live_output::pace live_output::take_pace() {
    const std::lock_guard alone(busy_);
    pace now = pace_;
    pace_.latency.clear();
    return now;
}

void live_output::show_status(const std::string& status) {
    const std::lock_guard alone(busy_);
    fmt::print(stderr, "\r\033[K{}", status);
    std::fflush(stderr);
    status_shown_ = true;
}

// Lines are not to be written behind it, if both go to one terminal.
void live_output::clear_status() {
    if (!status_shown_) return;
    fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
    status_shown_ = false;
}

}  // namespace fraud

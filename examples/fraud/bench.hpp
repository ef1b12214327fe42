// SPDX-License-Identifier: Apache-2.0
// How soon decisions are made when they are asked for at a steady rate, in this process.
//
// The load is open: when a request arrives is fixed before the clock starts, request i at start + i / rate, however
// long the one before it took. Latency is counted from there to the decision, so a pause of 10 ms is felt by every
// request that should have come in it, and not just by the one that happened to be under way.
//
// Beside it stands the floor of the machine: the same schedule, by the same number of threads, with nothing to do. What
// is slow there is the machine: a core that was given to somebody else, a clock tick, an interrupt. The two take turns,
// a second each, so that what else goes on in the machine meets both.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include <weir/base/latency_histogram.hpp>

namespace fraud {

struct bench_options {
    std::uint32_t rate = 10'000;  // requests per second, of all askers together
    double seconds = 10;
    std::uint32_t askers = 1;
    std::chrono::nanoseconds budget = std::chrono::milliseconds(1);
    std::chrono::nanoseconds longest_search{};  // for the highest rate; zero: none is looked for
};

// How late something was, at a rate.
struct lateness {
    weir::latency_histogram of;
    std::uint64_t misses = 0;  // of the budget

    void record(std::chrono::nanoseconds late, std::chrono::nanoseconds budget) {
        of.record(late);
        if (late > budget) ++misses;
    }
    void merge(const lateness& other) {
        of.merge(other.of);
        misses += other.misses;
    }
};

struct bench_result {
    lateness decide, floor;
    std::uint32_t highest_rate = 0;  // that was held with p99 within a millisecond; 0: none, or none was looked for
    bool stopped_looking = false;    // the highest rate that was tried was held, or time was up before one was not
};

// How long to look for the highest rate, so that the whole does not take much longer than what was asked for.
[[nodiscard]] inline std::chrono::nanoseconds search_for(const bench_options& options) {
    const std::chrono::duration<double> wanted(std::min(12.0, 1 + 2 * options.seconds));
    return std::chrono::duration_cast<std::chrono::nanoseconds>(wanted);
}

// Throws weir::error if a request is not answered.
[[nodiscard]] bench_result bench(const bench_options& options);

// A table for people.
[[nodiscard]] std::string to_text(const bench_options& options, const bench_result& result);
// One line: rate, decisions, p50_us, p99_us, p999_us, p9999_us, max_us, floor_p999_us, misses.
[[nodiscard]] std::string to_json(const bench_options& options, const bench_result& result);

}  // namespace fraud

// SPDX-License-Identifier: Apache-2.0
// A run with checkpoints, crashed at every change that it makes to a disk that forgets what nobody synced, found in
// every way, gone on with by the same runner or another. Files that sinks write are to be those of one run that was not
// disturbed, and nobody may ever see half of one.
#pragma once

#include <string>
#include <vector>

#include <weir/aggregates/count.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/window.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sinks/json_lines.hpp>
#include <weir/sources/csv.hpp>

#include "crash/for_each_crash.hpp"
#include "crash/for_each_fault.hpp"


namespace crashing_job {

using namespace std::chrono_literals;
using namespace weir;
using weir::testing::simulation;

struct payment {
    std::uint64_t id = 0;
    std::uint32_t card = 0;
    timestamp at{};
    double amount = 0;
};
BOOST_DESCRIBE_STRUCT(payment, (), (id, card, at, amount))
struct total {
    double sum = 0;
    std::uint64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(total, (), (sum, count))
struct line {
    std::uint64_t id = 0;
    double sum = 0;
    std::uint64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(line, (), (id, sum, count))
}  // namespace crashing_job
using namespace crashing_job;

namespace {

constexpr std::uint64_t payments = 400;
inline const std::vector<std::string> output_files{"out/rows.csv", "out/hours.jsonl"};

inline std::string input_text() {
    std::string text = "id,card,at,amount\n";
    for (std::uint64_t i = 0; i < payments; ++i) {
        // Every fifth one is much too late.
        const std::uint64_t late = i % 5 == 0 ? 20 * 60'000 : 0;
        const std::uint64_t time = 1'800'000 + i * 60'000 + (i * 7919) % 50'000 - late;
        text += std::to_string(i) + "," + std::to_string(i * 31 % 7) + "," + std::to_string(time) + "," +
                std::to_string(i % 100) + ".25\n";
    }
    return text;
}

inline graph job() {
    const auto timed = csv_files<payment>("in.csv") | named("payments", event_time(&payment::at, out_of_order(50s)));
    const auto rows = timed | key_by(&payment::card) | rolling(10min) |
                      named("rolling", aggregate(sum(&payment::amount), count())) |
                      map([](const auto& row) {
                          return line{row.record.id, row.template get<0>()[0], row.template get<1>()[0]};
                      });
    // A timer for each card that is silent for a while.
    const auto silent = timed | key_by(&payment::card) |
                        named("silent", process<total, line>(
                                            [](auto& context, const payment& each, total& state) {
                                                state.sum += each.amount;
                                                ++state.count;
                                                context.set_timer(each.at + 9min);
                                                return line{each.id, state.sum, state.count};
                                            },
                                            [](auto& context, std::uint32_t card, total& state) {
                                                context.emit(line{1'000'000 + card, state.sum, state.count});
                                                context.forget();
                                            }));
    const auto hours = timed | key_by(&payment::card) | window(tumbling(1h)) |
                       named("hours", aggregate(sum(&payment::amount), count())) | map([](const auto& row) {
                           return line{row.key, row.template get<0>(), row.template get<1>()};
                       });
    return graph("job", merge(rows, silent) | named("rows", into(csv(output_files[0]))),
                 hours | named("hours file", into(json_lines(output_files[1]))));
}

// How a run is made.
struct setting {
    unsigned runner = 0;
    unsigned threads = 1;
};

inline void run_on(environment& where, const setting& how, bool checkpoints = true) {
    // As often as can be; where records travel one by one that would be after each.
    const bool one_by_one = how.runner == 0 && how.threads > 1;
    const checkpointing checkpoint{.every = one_by_one ? 300us : 0us, .directory = checkpoints ? "state" : ""};
    if (how.runner == 0) {
        static_cast<void>(run(job(), event_loop{.threads = how.threads, .checkpoint = checkpoint}, where));
    } else if (how.runner == 1) {
        static_cast<void>(
            run(job(), micro_batch{.max_records = 150, .threads = how.threads, .checkpoint = checkpoint}, where));
    } else {
        static_cast<void>(
            run(job(), batch{.threads = how.threads, .chunk = 16, .checkpoint = checkpoint}, where));
    }
}

inline void put_input(simulation& where) {
    where.put_file("in.csv", input_text());
    where.put_file("out/of another", "");  // so that the folder is there
}

using contents = std::vector<std::string>;
inline contents written(simulation& where) {
    contents all;
    for (const std::string& each : output_files) all.push_back(where.has_file(each) ? where.file(each) : std::string{});
    return all;
}

inline const contents& expected() {
    static const contents all = [] {
        simulation where(1);
        put_input(where);
        run_on(where, {}, false);
        return written(where);
    }();
    return all;
}

struct nothing_known {};

// Nobody sees half of a file; the run that goes on ends as one that was not disturbed.
inline void check_found(simulation& where, const setting& next) {
    const contents before = written(where);
    for (std::size_t i = 0; i < before.size(); ++i) {
        crash::expect(before[i].empty() || before[i] == expected()[i], output_files[i] + " is visible and not whole");
    }
    run_on(where, next);
    crash::expect(written(where) == expected(), "what was written is not what one run writes");
}

inline crash::outcome crash_everywhere(const std::string& name, const setting& how, const setting& next,
                                std::uint64_t second_crashes) {
    crash::crash_options options;
    options.policies = {{crash::unsynced::lost, 0},
                        {crash::unsynced::kept, 0},
                        {crash::unsynced::mixed, 1},
                        {crash::unsynced::mixed, 2}};
    options.second_crashes = second_crashes;
    return crash::for_each_crash<nothing_known>(
        name,
        [&](simulation& where, nothing_known&) {
            put_input(where);
            run_on(where, how);
        },
        [&](simulation& where, const nothing_known&) { check_found(where, next); }, options);
}

}  // namespace crashing_job

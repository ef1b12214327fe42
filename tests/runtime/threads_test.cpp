// SPDX-License-Identifier: Apache-2.0
// A run goes on with another number of threads while records wait: at gates in front of stages that take them in turn,
// and in joins, for partners. The files that it writes are those of one run, byte for byte. Random graphs do the same
// in tests/laws/threads_test.cpp.
#include <catch2/catch.hpp>

#include <atomic>
#include <string>
#include <vector>

#include <weir/aggregates/count.hpp>
#include <weir/aggregates/plain_sum.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/operators/window.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sources/memory.hpp>
#include <weir/testing/seeded.hpp>
#include <weir/testing/simulation.hpp>

using namespace std::chrono_literals;
using namespace weir;
using weir::testing::seeded;
using weir::testing::simulation;

namespace threads_test {

struct payment {
    std::uint64_t id = 0;
    std::uint32_t card = 0;
    timestamp at{};
    double amount = 0;
    std::string note;
};
BOOST_DESCRIBE_STRUCT(payment, (), (id, card, at, amount, note))
struct line {
    std::uint64_t id = 0;
    std::uint32_t card = 0;
    double sum = 0;
    std::uint64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(line, (), (id, card, sum, count))
struct total {
    double sum = 0;
    std::uint64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(total, (), (sum, count))

// Each log is further ahead than the one before, so that its records wait for those.
std::vector<payment> log_of(std::uint64_t number, std::uint64_t size) {
    std::vector<payment> log;
    for (std::uint64_t i = 0; i < size; ++i) {
        const auto time = static_cast<std::int64_t>(i * 1000 + number * 40'000 + mix_bits(i + number) % 5000);
        log.push_back({number * 10'000 + i, static_cast<std::uint32_t>(mix_bits(i * 3 + number) % 23),
                       timestamp{std::chrono::milliseconds{time}}, static_cast<double>(mix_bits(i) % 1000) / 7,
                       std::string(i % 3 * 20, 'n')});
    }
    return log;
}

// Says stop when so many records have been read.
struct stopper {
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> read{0};
    std::uint64_t at = ~std::uint64_t{0};
};

const std::vector<std::string> output_files{"states.csv", "pairs.csv", "several.csv", "windows.csv", "sorted.csv"};

// An ordinary sum shows any change of order.
auto running(auto from, const char* name) {
    return from | key_by([](const auto& each) { return each.card; }) |
           named(name, process<total>([](auto&, const auto& each, total& state) {
               if constexpr (requires { each.amount; }) {
                   state.sum = state.sum * 0.9 + each.amount;
               } else {
                   state.sum = state.sum * 0.9 + each.sum;
               }
               return line{each.id, each.card, state.sum, ++state.count};
           }));
}
auto line_of_pair() {
    return map([](const auto& pair) {
        return line{pair.left.id, pair.right.card, pair.left.sum - pair.right.sum, pair.right.count};
    });
}

graph job(stopper& when) {
    const auto watched = [&when](const payment& each) {
        if (when.read.fetch_add(1) + 1 == when.at) when.stop = true;
        return each;
    };
    const auto logs = memory_partitions(std::vector{log_of(0, 300), log_of(1, 150), log_of(2, 0), log_of(3, 250)}) |
                      map(watched) | named("logs", event_time(&payment::at, out_of_order(4s)));
    const auto ahead = memory(log_of(5, 120)) | map(watched) |
                       named("ahead", event_time(&payment::at, out_of_order(4s)));
    // Fused steps stand before the stage, in front of which records wait as they are, with one thread.
    const auto steps = merge(logs, ahead) | filter([](const payment& each) { return each.id % 11 != 0; }) |
                       flat_map([](const payment& each) {
                           std::vector<payment> copies(each.id % 3, each);
                           for (payment& copy : copies) copy.card += static_cast<std::uint32_t>(&copy - copies.data());
                           return copies;
                       });
    const auto states = running(steps, "states");
    const auto twice = running(states, "twice");
    const auto rows = logs | key_by(&payment::card) | rolling(20s) |
                      named("rolling", aggregate(sum(&payment::amount), count())) | map([](const auto& row) {
                          return line{row.record.id, row.record.card, row.template get<0>()[0],
                                      row.template get<1>()[0]};
                      });
    const auto pairs = named("pairs", join_by_origin(rows, running(logs, "running"))) | line_of_pair();
    // What one side drops waits on the other one for what follows.
    const auto few = pairs | filter([](const line& each) { return each.id % 4 == 0; });
    const auto several = named("several", join_by_origin(running(few, "few"), pairs)) | line_of_pair();
    // These never meet, but wait for each other.
    const auto strangers = named("strangers", join_by_origin(rows, running(ahead, "of ahead"))) | line_of_pair();
    const auto windows = merge(logs, ahead) | key_by(&payment::card) | window(tumbling(30s)) |
                         named("windows", aggregate(plain_sum(&payment::amount), count())) | map([](const auto& row) {
                             return line{static_cast<std::uint64_t>(row.start.time_since_epoch().count()), row.key,
                                         row.template get<0>(), row.template get<1>()};
                         });
    const auto sorted = merge(logs, ahead) | named("sorted", sort_by_time());
    return graph("job", twice | named("states file", into(csv(output_files[0]))),
                 pairs | named("pairs file", into(csv(output_files[1]))),
                 merge(several, strangers) | named("several file", into(csv(output_files[2]))),
                 windows | named("windows file", into(csv(output_files[3]))),
                 running(sorted, "of sorted") | named("sorted file", into(csv(output_files[4]))));
}

struct outcome {
    bool ended = false;
    bool waits_at_gates = false;
    bool waits_in_joins = false;
    bool resumed = false;
    std::vector<ledger> counts;
};

template <class Runner> outcome run_once(simulation& where, Runner how, std::uint64_t stop_at, bool checkpoints) {
    stopper when;
    when.at = stop_at;
    how.tuning.stop = &when.stop;
    if (checkpoints) how.checkpoint = {.every = 5us, .directory = "state"};
    const run_report report = run(job(when), how, where);
    outcome made{report.reached_end, false, false, report.checkpoints && report.checkpoints->resumed_from != 0, {}};
    for (const stage_report& each : report.stages) {
        made.counts.push_back(each.counts);
        if (each.counts.held == 0) continue;
        (each.kind == "join_by_origin" ? made.waits_in_joins : made.waits_at_gates) = true;
    }
    CHECK(report.balanced());
    return made;
}
outcome run_by(simulation& where, std::uint64_t runner, unsigned threads, std::uint64_t stop_at,
               bool checkpoints = true) {
    switch (runner % 3) {
        case 0: return run_once(where, event_loop{.threads = threads}, stop_at, checkpoints);
        case 1: return run_once(where, micro_batch{.max_records = 37, .threads = threads}, stop_at, checkpoints);
        default: return run_once(where, batch{.threads = threads, .chunk = 16}, stop_at, checkpoints);
    }
}

std::vector<std::string> written(const simulation& where) {
    std::vector<std::string> all;
    for (const std::string& each : output_files) all.push_back(where.file(each));
    return all;
}

// Stops each run after some records, and goes on with the next number of threads, and the last again until the end.
std::vector<std::string> in_pieces(std::uint64_t seed, const std::vector<unsigned>& threads, outcome& seen) {
    seeded choose(seed);
    simulation where(seed);
    for (std::size_t piece = 0;; ++piece) {
        const unsigned count = threads[std::min(piece, threads.size() - 1)];
        const bool last = piece + 1 >= threads.size();
        const outcome now = run_by(where, choose.next(), count, last ? ~std::uint64_t{0} : 1 + choose.below(250), true);
        CHECK(now.resumed == (piece != 0));
        if (now.ended) {
            seen.counts = now.counts;
            return written(where);
        }
        seen.waits_at_gates |= now.waits_at_gates;
        seen.waits_in_joins |= now.waits_in_joins;
    }
}

}  // namespace threads_test
using namespace threads_test;

TEST_CASE("what waits goes on waiting where it belongs with other threads", "[runtime]") {
    simulation undisturbed(1);
    const outcome wanted = run_by(undisturbed, 0, 1, ~std::uint64_t{0}, false);
    REQUIRE(wanted.ended);
    const std::vector<std::string> whole = written(undisturbed);
    for (const std::string& each : whole) REQUIRE(each.size() > 1'000);
    const std::vector<unsigned> threads = GENERATE(
        std::vector<unsigned>{1, 4, 2, 1}, std::vector<unsigned>{3, 2}, std::vector<unsigned>{4, 1, 3, 3, 5},
        std::vector<unsigned>{2, 2, 3, 1, 1, 8});
    outcome seen;
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
        CAPTURE(seed, threads);
        const std::vector<std::string> pieces = in_pieces(seed, threads, seen);
        for (std::size_t i = 0; i < output_files.size(); ++i) {
            INFO(output_files[i]);
            CHECK((pieces[i] == whole[i]));
        }
        CHECK((seen.counts == wanted.counts));
    }
    CHECK(seen.waits_at_gates);
    CHECK(seen.waits_in_joins);
}

TEST_CASE("what exchanges have counted is counted once, whatever threads come after", "[runtime]") {
    // The stages are the same with any number of threads.
    constexpr unsigned threads[]{2, 1, 1, 3, 1};
    simulation where(1);
    for (std::uint64_t piece = 1; piece <= 5; ++piece) {
        stopper when;
        const graph what("job", memory(log_of(0, 500)) | map([&when](const payment& each) {
                                    if (when.read.fetch_add(1) + 1 == 50) when.stop = true;
                                    return each;
                                }) | into(csv("all.csv")));
        const run_report report = run(what,
                                      batch{.threads = threads[piece - 1],
                                            .chunk = 10,
                                            .tuning = {.stop = &when.stop},
                                            .checkpoint = {.directory = "state"}},
                                      where);
        CAPTURE(piece);
        CHECK(report.balanced());
        CHECK(report.stages.back().counts.in == report.records);
        CHECK(report.stages.back().counts.accepted == report.records);
    }
}

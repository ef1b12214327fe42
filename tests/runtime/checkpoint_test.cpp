// SPDX-License-Identifier: Apache-2.0
// Runs with checkpoints, ended in order and gone on with: by the same runner, by another, with other threads. What
// happens when they are ended by a crash is tested in tests/crash and by examples/fraud/kill_test.cpp.
#include <catch2/catch.hpp>

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include <weir/aggregates/count.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/window.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/memory.hpp>
#include <weir/sources/push.hpp>
#include <weir/testing/simulation.hpp>

#include "temporary_folder.hpp"

using namespace std::chrono_literals;
using namespace weir;

namespace checkpoint_test {
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
struct coarse_total {
    float sum = 0;
    std::uint64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(coarse_total, (), (sum, count))
struct line {
    std::uint64_t id = 0;
    double sum = 0;
    std::uint64_t count = 0;
    friend bool operator==(const line&, const line&) = default;
};
BOOST_DESCRIBE_STRUCT(line, (), (id, sum, count))
}  // namespace checkpoint_test
using namespace checkpoint_test;

namespace {

constexpr std::uint64_t payments = 20'000;
using line_sink = decltype(collect<line>());

// Says stop when it meets the record of this number.
struct stopper {
    std::atomic<bool> stop{false};
    std::uint64_t at = payments;
};

graph job(stopper& when, const line_sink& lines, const line_sink& totals, const line_sink& hours) {
    const auto made = generate(payments, [&when](std::uint64_t i) {
        if (i == when.at) when.stop.store(true);
        const auto time = static_cast<std::int64_t>(i * 1000 + (i * 7919) % 5000);
        return payment{i, static_cast<std::uint32_t>(mix_bits(i) % 100), timestamp{std::chrono::milliseconds{time}},
                       static_cast<double>(i % 1000) / 8};
    });
    const auto timed = made | named("payments", event_time(&payment::at, out_of_order(5s)));
    const auto rows = timed | key_by(&payment::card) | rolling(60s) |
                      named("rolling", aggregate(sum(&payment::amount), count())) |
                      map([](const auto& row) {
                          return line{row.record.id, row.template get<0>()[0], row.template get<1>()[0]};
                      });
    const auto running = timed | key_by(&payment::card) |
                         named("running", process<total>([](auto&, const payment& each, total& state) {
                             state.sum += each.amount;
                             ++state.count;
                             return line{each.id, state.sum, state.count};
                         }));
    const auto windows = timed | key_by(&payment::card) | window(tumbling(1h)) |
                         named("hours", aggregate(sum(&payment::amount), count())) | map([](const auto& row) {
                             return line{std::uint64_t{row.key}, row.template get<0>(), row.template get<1>()};
                         });
    return graph("job", rows | into(lines), running | into(totals), windows | into(hours));
}

struct outcome {
    std::vector<line> lines, totals, hours;
    bool ended = false;
    std::uint64_t resumed_from = 0;
    friend bool operator==(const outcome& left, const outcome& right) {
        return left.lines == right.lines && left.totals == right.totals && left.hours == right.hours;
    }
};

// One run, with a folder or without, that is told to stop at a record.
template <class Runner> outcome run_once(Runner how, const std::string& folder, std::uint64_t stop_at) {
    stopper when;
    when.at = stop_at;
    const auto lines = collect<line>();
    const auto totals = collect<line>();
    const auto hours = collect<line>();
    how.tuning.stop = &when.stop;
    how.checkpoint.directory = folder;
    how.checkpoint.every = 200us;
    const run_report report = run(job(when, lines, totals, hours), how);
    CHECK(report.balanced());
    CHECK(report.checkpoints.has_value() == !folder.empty());
    return {report.output(lines), report.output(totals), report.output(hours), report.reached_end,
            report.checkpoints ? report.checkpoints->resumed_from : 0};
}

outcome run_by(unsigned which, unsigned threads, const std::string& folder, std::uint64_t stop_at) {
    switch (which % 3) {
        case 0: return run_once(event_loop{.threads = threads}, folder, stop_at);
        case 1: return run_once(micro_batch{.max_records = 100, .threads = threads}, folder, stop_at);
        default: return run_once(batch{.threads = threads, .chunk = 64}, folder, stop_at);
    }
}

// Runs until the end, each time a while longer.
template <class RunNext> outcome run_in_pieces(RunNext&& run_next) {
    outcome last;
    for (std::uint64_t stop_at = 1'500, piece = 0; !last.ended; stop_at += 2'300, ++piece) {
        CAPTURE(piece);
        const outcome now = run_next(piece, stop_at);
        CHECK((piece == 0) == (now.resumed_from == 0));
        last = now;
    }
    return last;
}

}  // namespace

TEST_CASE("a run that is stopped and gone on with gives what one run gives", "[runtime]") {
    const unsigned runner = GENERATE(0U, 1U, 2U);
    const unsigned threads = GENERATE(1U, 2U, 4U);
    CAPTURE(runner, threads);
    const outcome whole = run_by(runner, threads, "", payments);
    REQUIRE(whole.ended);
    REQUIRE(whole.lines.size() > payments / 2);
    REQUIRE(whole.hours.size() > 100);
    const temporary_folder folder;
    CHECK(run_in_pieces([&](std::uint64_t, std::uint64_t stop_at) {
              return run_by(runner, threads, folder / "state", stop_at);
          }) == whole);
}

TEST_CASE("any runner goes on where another was stopped", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    CAPTURE(threads);
    const outcome whole = run_by(0, 1, "", payments);
    const temporary_folder folder;
    CHECK(run_in_pieces([&](std::uint64_t piece, std::uint64_t stop_at) {
              return run_by(static_cast<unsigned>(piece), threads, folder / "state", stop_at);
          }) == whole);
}

TEST_CASE("a run goes on with other threads", "[runtime]") {
    const outcome whole = run_by(0, 1, "", payments);
    const temporary_folder folder;
    constexpr unsigned threads[]{1, 4, 2, 3, 1};
    CHECK(run_in_pieces([&](std::uint64_t piece, std::uint64_t stop_at) {
              return run_by(static_cast<unsigned>(piece / 2), threads[piece % 5], folder / "state", stop_at);
          }) == whole);
}

TEST_CASE("a run that had come to its end has nothing left to do", "[runtime]") {
    const temporary_folder folder;
    const outcome first = run_by(2, 1, folder / "state", payments);
    REQUIRE(first.ended);
    const outcome second = run_by(2, 1, folder / "state", payments);
    CHECK(second.ended);
    CHECK(second.resumed_from > 0);
    CHECK(second == first);
}

TEST_CASE("a run does not go on with state that is another's", "[runtime]") {
    const temporary_folder folder;
    const auto refusal = [&](auto last) {
        const auto lines = collect<line>();
        try {
            const graph what("job", last | into(lines));
            static_cast<void>(run(what, batch{.checkpoint = {.directory = folder / "state"}}));
        } catch (const error& refused) {
            CHECK(refused.kind() == error_kind::state);
            return std::string{refused.what()};
        }
        return std::string{};
    };
    const auto keyed = generate(10, [](std::uint64_t i) { return payment{i, 0, timestamp{duration{i}}, 1}; }) |
                       named("payments", event_time(&payment::at, out_of_order(5s))) | key_by(&payment::card);
    const auto before = keyed | named("it", process<total>([](auto&, const payment& each, total& state) {
                                          return line{each.id, state.sum, ++state.count};
                                      }));
    const auto after = keyed | named("it", process<coarse_total>([](auto&, const payment& each, coarse_total&) {
                                         return line{each.id, 0, 0};
                                     }));
    CHECK(refusal(before).empty());
    CHECK(refusal(before).empty());
    CHECK(refusal(after).find("does not fit graph 'job': stage 'it' (process) keeps something else now: field 'sum' "
                              "was f64 and is f32, which cannot hold every value it had") != std::string::npos);
    CHECK(refusal(before).empty());
}

TEST_CASE("a graph that cannot have checkpoints is refused before anything is read", "[runtime]") {
    const temporary_folder folder;
    const auto refusal = [&](const graph& what, checkpointing checkpoint) {
        checkpoint.directory = folder / "state";
        try {
            static_cast<void>(run(what, available_now{.checkpoint = checkpoint}));
        } catch (const error& refused) {
            CHECK(refused.kind() == error_kind::configuration);
            return std::string{refused.what()};
        }
        return std::string{};
    };
    const auto lines = collect<line>();
    const auto unnamed = generate(10, [](std::uint64_t i) { return payment{i, 0, {}, 1}; }) |
                         key_by(&payment::card) | process<total>([](auto&, const payment& each, total&) {
                             return line{each.id, 0, 0};
                         });
    CHECK(refusal(graph("unnamed", unnamed | into(lines)), {}).find("has state and no name") != std::string::npos);
    const graph once("once", pushed<payment>() | map([](const payment& each) { return line{each.id, 0, 0}; }) |
                                 into(lines));
    CHECK(refusal(once, {}).find("at most once from here") != std::string::npos);
    // What it is refused for then is that this test runs it without an engine.
    CHECK(refusal(once, {.at_most_once_sources = true}).find("weir::start(...)") != std::string::npos);
}

TEST_CASE("the report of a run with checkpoints says what each sink promises", "[runtime]") {
    const temporary_folder folder;
    const auto lines = collect<line>();
    const auto made = generate(10, [](std::uint64_t i) { return line{i, 0, 0}; });
    const graph what("promises", made | into(lines), made | into(for_each([](const line&) {})));
    const run_report with = run(what, batch{.checkpoint = {.directory = folder / "state"}});
    CHECK(with.stages.at(0).promise == std::nullopt);
    CHECK(with.stages.at(1).promise == delivery::exactly_once);
    CHECK(with.stages.at(2).promise == delivery::at_least_once);
    CHECK(with.to_text().find("\n#1 collect: exactly once\n#2 for_each: at least once\n") != std::string::npos);
    CHECK(with.to_json().find("\"promise\":\"at least once\"") != std::string::npos);
    const run_report without = run(what, batch{});
    CHECK(without.stages.at(1).promise == std::nullopt);
    CHECK(without.to_json().find("\"promise\"") == std::string::npos);
}

TEST_CASE("a batch that is broken off is in the checkpoint with all that it has read", "[runtime]") {
    constexpr std::uint64_t records = 5'000;
    const temporary_folder folder;
    const auto lines = collect<line>();
    const auto logs = generate(records, [](std::uint64_t i) { return payment{i, 0, {}, 1}; });
    const graph what("odd ones", logs | key_by(&payment::card) |
                                     named("odd", process<total>([](auto&, const payment& each, total& state) {
                                         state.sum += each.amount;
                                         return each.id % 2 == 0 ? std::optional<line>{}
                                                                 : std::optional{line{each.id, state.sum, 0}};
                                     })) |
                                     into(lines));
    const checkpointing checkpoint{.every = 1h, .directory = folder / "state"};
    engine first = start_polled(what, micro_batch{.max_records = records, .checkpoint = checkpoint});
    REQUIRE(first.poll());
    const run_report broken_off = first.stop_now().value();
    REQUIRE(broken_off.records > 0);
    REQUIRE(broken_off.records < records);
    CHECK(broken_off.output(lines).size() == broken_off.records / 2);
    const run_report whole = run(what, batch{.checkpoint = checkpoint});
    CHECK(whole.checkpoints->resumed_from == 1);
    REQUIRE(whole.output(lines).size() == records / 2);
    CHECK(whole.output(lines).back() == line{records - 1, static_cast<double>(records), 0});
}

TEST_CASE("checkpoints go on when the first worker has nothing left to do", "[runtime]") {
    // The first log is short, and what comes of it is on the other worker.
    const auto of = [](std::uint64_t count) {
        std::vector<payment> log;
        for (std::uint64_t i = 0; i < count; ++i) log.push_back({i, 0, {}, 1});
        return log;
    };
    const auto lines = collect<payment>();
    const graph what("two logs", memory_partitions(std::vector{of(10), of(30'000)}) | into(lines));
    weir::testing::simulation where(1);
    const run_report report = run(
        what, batch{.threads = 2, .chunk = 64, .checkpoint = {.every = 0ns, .directory = "state"}}, where);
    CHECK(report.output(lines).size() == 30'010);
    CHECK(report.checkpoints->taken > 20);
}

TEST_CASE("a source with other partitions is refused", "[runtime]") {
    const auto partitions = [](std::size_t count) {
        const auto timed = memory_partitions(std::vector(count, std::vector{payment{1, 0, {}, 1}})) |
                           event_time(&payment::at, out_of_order(0s));
        return graph("logs", timed | into(collect<payment>()));
    };
    for (const unsigned threads : {1U, 2U}) {
        const temporary_folder folder;
        const checkpointing checkpoint{.directory = folder / "state"};
        static_cast<void>(run(partitions(2), available_now{.threads = 1, .checkpoint = checkpoint}));
        for (const std::size_t count : {1U, 3U}) {
            CAPTURE(threads, count);
            CHECK_THROWS_WITH(run(partitions(count), available_now{.threads = threads, .checkpoint = checkpoint}),
                              Catch::Contains("partitions"));
        }
        CHECK(run(partitions(2), available_now{.threads = 1, .checkpoint = checkpoint}).checkpoints->resumed_from > 0);
    }
}

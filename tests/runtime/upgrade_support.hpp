// SPDX-License-Identifier: Apache-2.0
// A program in several versions: one of them makes a savepoint, another one goes on from it.
#pragma once
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/process.hpp>
#include <weir/runtime/checkpoint_store.hpp>
#include <weir/runtime/run.hpp>
#include <weir/runtime/schema_lock.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sources/memory.hpp>

#include "temporary_folder.hpp"

namespace upgrade_test {

using namespace std::chrono_literals;

struct payment {
    std::uint64_t id = 0;
    std::uint32_t card = 0;
    weir::timestamp at{};
    std::int32_t cents = 0;
};
BOOST_DESCRIBE_STRUCT(payment, (), (id, card, at, cents))
struct line {
    std::uint64_t id = 0;
    std::int64_t count = 0;
    double sum = 0;
    friend bool operator==(const line&, const line&) = default;
    friend auto operator<=>(const line&, const line&) = default;
};
BOOST_DESCRIBE_STRUCT(line, (), (id, count, sum))

inline constexpr std::uint64_t payments = 4'000;
inline constexpr std::uint64_t half = 1'700;
using line_sink = decltype(weir::collect<line>());

// What was read of the log, and when to say stop.
struct probe {
    std::atomic<std::uint64_t> read{0};
    std::atomic<std::uint64_t> first{payments};
    std::atomic<bool> stop{false};
    std::uint64_t stop_at = payments;
};

inline auto log(probe& at) {
    return weir::generate(payments, [&at](std::uint64_t i) {
        ++at.read;
        at.first = std::min(at.first.load(), i);
        if (i == at.stop_at) at.stop = true;
        const auto time = static_cast<std::int64_t>(i * 1000 + (i * 7919) % 5000);
        return payment{i, static_cast<std::uint32_t>(weir::mix_bits(i) % 50),
                       weir::timestamp{std::chrono::milliseconds{time}}, static_cast<std::int32_t>(i % 1000)};
    });
}
inline auto timed(probe& at) {
    return log(at) | weir::named("payments", weir::event_time(&payment::at, weir::out_of_order(5s)));
}

struct outcome {
    std::vector<line> lines;  // in order
    bool ended = false;
    std::uint64_t resumed_from = 0;
    std::uint64_t read = 0;
    std::uint64_t first = 0;
    std::string refused;  // the sentence
};

struct run_options {
    std::string folder{};
    std::uint64_t stop_at = payments;
    unsigned threads = 1;
    unsigned runner = 0;
    weir::checkpointing checkpoint{};
};

// build(probe, line_sink) makes the graph.
template <class Build, class Runner>
outcome run_by(const Build& build, Runner how, const run_options& options) {
    probe at;
    at.stop_at = options.stop_at;
    const line_sink sink = weir::collect<line>();
    how.tuning.stop = &at.stop;
    how.threads = options.threads;
    how.checkpoint = options.checkpoint;
    how.checkpoint.directory = options.folder;
    how.checkpoint.every = 1h;
    outcome made;
    try {
        const weir::run_report report = weir::run(build(at, sink), how);
        CHECK(report.balanced());
        made.lines = report.output(sink);
        std::sort(made.lines.begin(), made.lines.end());
        made.ended = report.reached_end;
        if (report.checkpoints) made.resumed_from = report.checkpoints->resumed_from;
    } catch (const weir::error& refused) {
        CHECK(refused.kind() == weir::error_kind::state);
        made.refused = refused.what();
    }
    made.read = at.read;
    made.first = at.first;
    return made;
}
template <class Build> outcome run(const Build& build, const run_options& options) {
    switch (options.runner % 3) {
        case 0: return run_by(build, weir::event_loop{}, options);
        case 1: return run_by(build, weir::micro_batch{.max_records = 100}, options);
        default: return run_by(build, weir::batch{.chunk = 64}, options);
    }
}

// What is said of the other version without running it: to the lock file of the one before, by the graph and by tags
// alone, and to the checkpoint in the folder. All say the same.
template <class Before, class After>
std::vector<std::string> refusals(const Before& before, const After& after, const weir::checkpointing& options,
                                  const std::string& folder) {
    probe at;
    const line_sink sink = weir::collect<line>();
    const weir::graph first = before(at, sink);
    const weir::graph second = after(at, sink);
    const weir::kept_state was = weir::parse_schema_lock(weir::schema_lock(first), "lock");
    CHECK((was == weir::kept_by(first)));
    const std::vector<std::string> found = weir::compare_kept(was, second, options).refused;
    CHECK(found == weir::compare_kept(was, weir::kept_by(second), options).refused);
    std::vector<std::string> problems;
    const auto checkpoints = weir::list_checkpoints(weir::machine(), folder, problems);
    REQUIRE(!checkpoints.empty());
    CHECK(found == weir::compare_kept(weir::kept_in(checkpoints.front()), second, options).refused);
    CHECK(at.read == 0);
    return found;
}

// One version runs to the middle and makes a savepoint, the other goes on from it to the end.
template <class Before, class After>
outcome upgrade(const Before& before, const After& after, const weir::checkpointing& checkpoint = {},
                unsigned runner = 0, unsigned threads_after = 1) {
    const temporary_folder folder;
    const outcome first = run(before, {.folder = folder / "state", .stop_at = half, .runner = runner});
    REQUIRE(first.refused == "");
    REQUIRE_FALSE(first.ended);
    CHECK(refusals(before, after, checkpoint, folder / "state") == std::vector<std::string>{});
    const outcome second =
        run(after, {.folder = folder / "state", .threads = threads_after, .checkpoint = checkpoint});
    CHECK(second.refused == "");
    CHECK(second.resumed_from > 0);
    return second;
}

// The sentence with which the other version is refused: nothing is read, and the first version goes on as if nothing
// had been.
template <class Before, class After>
std::string refusal(const Before& before, const After& after, const weir::checkpointing& checkpoint = {},
                    unsigned runner = 0, unsigned threads_after = 1) {
    const temporary_folder folder;
    const outcome first = run(before, {.folder = folder / "state", .stop_at = half, .runner = runner});
    REQUIRE(first.refused == "");
    const std::vector<std::string> foreseen = refusals(before, after, checkpoint, folder / "state");
    const outcome second =
        run(after, {.folder = folder / "state", .threads = threads_after, .checkpoint = checkpoint});
    CHECK(second.read == 0);
    INFO(second.refused);
    for (const std::string& each : foreseen) CHECK(second.refused.find(each) != std::string::npos);
    // Whether records wait cannot be foreseen.
    CHECK(foreseen.empty() == (second.refused.find("records wait") != std::string::npos));
    const outcome third = run(before, {.folder = folder / "state"});
    CHECK(third.refused == "");
    CHECK(third.first > half / 2);
    CHECK(third.ended);
    CHECK((third.lines == run(before, {}).lines));
    return second.refused;
}

}  // namespace upgrade_test

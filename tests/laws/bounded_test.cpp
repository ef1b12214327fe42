// SPDX-License-Identifier: Apache-2.0
// Law 8: what lies between a source and a slow sink is bounded, however much stages make of a record: by what rings
// and gates may hold and what one chunk becomes. And bounds do not make a run wait for ever: every interleaving of
// workers, here by seeds, ends with the same answer.
#include <weir/runtime/run.hpp>

#include <weir/aggregates/count.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/operators/window.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct nothing_kept {};

constexpr std::uint64_t chunk = 8;
constexpr std::int64_t copies = 50;

// What has been made and has not come to a sink yet, and the most it ever was.
struct gauge {
    std::int64_t now = 0;
    std::int64_t most = 0;
    void made() { most = std::max(most, ++now); }
};

// Logs of 500 records. With one key, one worker has all the work.
auto logs_of(std::uint64_t partitions, std::uint32_t keys, std::int64_t shift) {
    logs all;
    for (std::uint64_t partition = 0; partition < partitions; ++partition) {
        readings records;
        for (std::int64_t i = 0; i < 500; ++i) {
            records.push_back(make_reading(static_cast<std::uint32_t>(i) % keys,
                                           i + shift * static_cast<std::int64_t>(partition), i));
        }
        all.push_back(std::move(records));
    }
    return weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(3ns));
}
auto multiplied(const std::shared_ptr<gauge>& between) {
    return weir::process<nothing_kept, reading>([between](auto& context, const reading& each, nothing_kept&) {
        for (std::int64_t i = 0; i < copies; ++i) {
            between->made();
            context.emit(each);
        }
    });
}
auto counting(const std::shared_ptr<gauge>& between) {
    return weir::into(weir::for_each([between](const auto&) { --between->now; }));
}

weir::detail::run_plan smallest(unsigned threads, std::uint64_t in_flight) {
    auto how = weir::detail::plan_of(weir::batch{.threads = threads, .chunk = chunk});
    how.tuning.ring = 1;
    how.tuning.in_flight = in_flight;
    return how;
}

}  // namespace

TEST_CASE("a stage that makes more than it takes waits for a slow sink", "[laws]") {
    const std::uint32_t keys = GENERATE(1U, 16U);
    const unsigned threads = GENERATE(2U, 3U, 4U);
    CAPTURE(keys, threads);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        const auto between = std::make_shared<gauge>();
        const weir::graph what("multiplied", logs_of(1, keys, 0) | weir::key_by(&reading::key) | multiplied(between) |
                                                 counting(between));
        weir::testing::simulation where(seed);
        const auto report = weir::detail::run_graph(what, smallest(threads, 1), where);
        CHECK(report.balanced());
        CHECK(between->now == 0);
        // Each worker has parked what one chunk became; rings and the sink's gate hold a few chunks.
        CHECK(report.most_parked <= (copies + 2) * threads);
        CHECK(between->most <= static_cast<std::int64_t>(threads) * (copies + 8) * static_cast<std::int64_t>(chunk));
    }
}

TEST_CASE("a gate that opens hands on no more than there is room for", "[laws]") {
    // The second log is ahead by as much as gates may hold; when the first one catches up all of it may go on at once.
    const unsigned threads = GENERATE(2U, 3U);
    constexpr std::uint64_t in_flight = 200;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(threads, seed);
        const auto between = std::make_shared<gauge>();
        const weir::graph what("skewed", logs_of(2, 1, 400) | weir::key_by(&reading::key) | multiplied(between) |
                                             counting(between));
        weir::testing::simulation where(seed);
        const auto report = weir::detail::run_graph(what, smallest(threads, in_flight), where);
        CHECK(report.balanced());
        CHECK(report.most_parked <= (copies + 2) * threads);
        CHECK(between->most <= static_cast<std::int64_t>(threads) * (copies + 8) * static_cast<std::int64_t>(chunk));
    }
}

TEST_CASE("overlapping windows wait for a slow sink", "[laws]") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto threads = static_cast<unsigned>(2 + seed % 3);
        CAPTURE(threads, seed);
        const auto between = std::make_shared<gauge>();
        const weir::graph what("windows", logs_of(1, 4, 0) | weir::key_by(&reading::key) |
                                              weir::window(weir::sliding(60ns, 1ns)) |
                                              weir::aggregate(weir::count()) | weir::map([between](const auto& each) {
                                                  between->made();
                                                  return each;
                                              }) | counting(between));
        weir::testing::simulation where(seed);
        const auto report = weir::detail::run_graph(what, smallest(threads, 1), where);
        CHECK(report.balanced());
        // At the end of input every open window of every key is due at once.
        CHECK(report.most_parked <= (60 * 4) / chunk + 16);
        CHECK(between->most <= 60 * 4 + 64 * static_cast<std::int64_t>(threads));
    }
}

TEST_CASE("bounded channels in chains and diamonds never wait for each other for ever", "[laws]") {
    const std::uint32_t keys = GENERATE(1U, 7U);
    const auto between = std::make_shared<gauge>();
    const auto copy = weir::process<nothing_kept, reading>([](auto& context, const reading& each, nothing_kept&) {
        context.emit(each);
        if (each.amount % 3 == 0) context.emit(each);
    });
    const auto by_amount = weir::key_by(&reading::amount);
    const auto first = logs_of(3, keys, 150) | weir::key_by(&reading::key) | copy;
    const auto second = first | by_amount | copy | weir::key_by(&reading::key) | copy;
    const auto many = second | weir::flat_map([](const reading& each) { return readings(3, each); });
    const auto merged = weir::merge(first, many, second) | weir::key_by(&reading::key) | copy;
    const auto pairs = weir::join_by_origin(first | by_amount | copy, first);
    const auto merged_sink = weir::collect_stamped<reading>();
    const auto sorted_sink = weir::collect_stamped<reading>();
    const auto pair_sink = weir::collect_stamped<weir::joined<reading, reading>>();
    const weir::graph what("diamonds", merged | weir::into(merged_sink),
                           weir::merge(second, first) | weir::sort_by_time() | weir::into(sorted_sink),
                           pairs | weir::into(pair_sink));
    const auto wanted = weir::run(what, weir::batch{});
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        const auto threads = static_cast<unsigned>(2 + seed % 4);
        auto how = smallest(threads, 1 + (seed % 3) * 40);
        if (seed % 2 == 0) how.outlet_chunk = 3;
        if (seed % 5 == 0) how.batch_records = 70;
        weir::testing::simulation where(seed);
        const auto report = weir::detail::run_graph(what, how, where);
        require_same(wanted, report, "seed " + std::to_string(seed), merged_sink, sorted_sink, pair_sink);
    }
}

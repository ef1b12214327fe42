// SPDX-License-Identifier: Apache-2.0
// Chained exchanges on real threads, with rings of one chunk and one record in flight: no deadlock, and the same
// answer.
#include <weir/runtime/run.hpp>

#include <future>
#include <thread>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct tally {
    std::int64_t seen = 0;
};

// Runs a graph on threads of its own; a run that does not end fails the test, and its threads are left behind.
weir::run_report run_watched(const weir::graph& what, const weir::detail::run_plan& how) {
    auto task = std::make_shared<std::packaged_task<weir::run_report()>>(
        [what, how] { return weir::detail::run_graph(what, how, weir::machine()); });
    auto result = task->get_future();
    std::thread([task] { (*task)(); }).detach();
    if (result.wait_for(100s) != std::future_status::ready) FAIL("the run does not end");
    return result.get();
}

const auto add_up = [](auto&, const reading& each, tally& state) {
    reading made = each;
    made.amount = state.seen += each.amount;
    return made;
};

}  // namespace

TEST_CASE("chained exchanges end, however small rings and grants are", "[runtime]") {
    const std::size_t chunk = GENERATE(1U, 7U, 256U);
    CAPTURE(chunk);
    const logs all = random_logs(chunk, {.records = 300, .partitions = 3, .keys = 12, .disorder = 9});
    const auto first = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(9ns)) |
                       weir::key_by(&reading::key) | weir::process<tally>(add_up);
    const auto second =
        first | weir::key_by([](const reading& each) { return each.key % 5 + 100; }) | weir::process<tally>(add_up);
    const auto windows = second | weir::key_by([](const reading& each) { return each.key % 3; }) |
                         weir::window(weir::sliding(20ns, 5ns)) | weir::aggregate(weir::sum(&reading::amount));
    const auto pairs =
        weir::join_by_origin(first, second | weir::key_by(&reading::note) | weir::process<tally>(add_up));
    const auto sink = weir::collect_stamped<weir::windowed<std::uint32_t, std::int64_t>>();
    const auto pair_sink = weir::collect_stamped<weir::joined<reading, reading>>();
    const auto sorted_sink = weir::collect_stamped<reading>();
    const weir::graph what("chained", windows | weir::into(sink), pairs | weir::into(pair_sink),
                           second | weir::sort_by_time() | weir::into(sorted_sink));
    const auto wanted = weir::run(what, weir::batch{});
    CHECK(wanted.output(pair_sink).size() > 400);
    for (const unsigned threads : {2U, 4U}) {
        for (const std::uint64_t in_flight : {1U, 1U << 18U}) {
            weir::detail::run_plan how = weir::detail::plan_of(weir::batch{.threads = threads, .chunk = chunk});
            how.tuning.ring = 1;
            how.tuning.in_flight = in_flight;
            const std::string text = std::to_string(threads) + " threads, in flight " + std::to_string(in_flight);
            require_same(wanted, run_watched(what, how), text, sink, pair_sink, sorted_sink);
            how.batch_records = 5;
            require_same(wanted, run_watched(what, how), text + ", batches of 5", sink, pair_sink, sorted_sink);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
// With several workers a partition waits for its records in flight: branches that see another time, or none, must not
// make it wait for ever.
#include <weir/runtime/run.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/merge.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

// A simulated run that stalls throws.
template <class... Sinks> void check_grants(const weir::graph& what, const Sinks&... sinks) {
    const auto wanted = weir::run(what, weir::batch{});
    for (const unsigned threads : {2U, 3U, 4U}) {
        for (const std::uint64_t in_flight : {1U, 5U, 30U}) {
            auto how = weir::detail::plan_of(weir::batch{.threads = threads, .chunk = 1 + in_flight / 5});
            how.tuning.ring = 1;
            how.tuning.in_flight = in_flight;
            weir::testing::simulation where(threads + in_flight);
            const std::string text = std::to_string(threads) + " threads, in flight " + std::to_string(in_flight);
            require_same(wanted, weir::detail::run_graph(what, how, where), text, sinks...);
        }
    }
}

}  // namespace

TEST_CASE("a branch without time does not stop the others", "[runtime]") {
    const std::size_t partitions = GENERATE(1U, 2U, 3U);
    CAPTURE(partitions);
    const auto source = weir::memory_partitions(random_logs(1, {.partitions = partitions}));
    const auto raw = weir::collect_stamped<reading>();
    const auto timed = weir::collect_stamped<reading>();
    check_grants(weir::graph("raw", source | weir::into(raw),
                             source | weir::event_time(&reading::at, weir::out_of_order(9ns)) | weir::into(timed)),
                 raw, timed);
}

TEST_CASE("branches with different bounds do not stop each other", "[runtime]") {
    const std::size_t partitions = GENERATE(1U, 2U, 3U);
    CAPTURE(partitions);
    const auto source = weir::memory_partitions(random_logs(1, {.partitions = partitions}));
    const auto patient_source = weir::memory_partitions(random_logs(2, {.partitions = partitions}));
    const auto strict = weir::collect_stamped<reading>();
    const auto patient = weir::collect_stamped<reading>();
    const auto other = patient_source | weir::event_time(&reading::at, weir::out_of_order(20ns));
    check_grants(weir::graph("bounds",
                             weir::merge(source | weir::event_time(&reading::at, weir::out_of_order(0ns)), other) |
                                 weir::into(strict),
                             weir::merge(source | weir::event_time(&reading::at, weir::out_of_order(50ns)), other) |
                                 weir::into(patient)),
                 strict, patient);
}

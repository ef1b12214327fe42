// SPDX-License-Identifier: Apache-2.0
// What the tests of law 7 share: of a long run the second half is judged, when buffers, stores and windows have grown
// to their sizes.
#pragma once
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <weir/base/stable_hash.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/merge.hpp>
#include <weir/record/describe.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/memory.hpp>
#include <weir/testing/configuration.hpp>
#include <weir/testing/simulation.hpp>

#include "laws/counted_new.hpp"

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::testing;

namespace no_allocation_test {
struct payment {
    std::uint32_t card = 0;
    timestamp at{};
    double amount = 0;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, at, amount))
struct running_total {
    double sum = 0;
};
BOOST_DESCRIBE_STRUCT(running_total, (), (sum))
}  // namespace no_allocation_test
using namespace no_allocation_test;

namespace {

constexpr std::uint64_t half = 100'000;

// A payment of one of 500 cards, a little out of order.
payment payment_of(std::uint64_t i, std::uint64_t offset) {
    const auto time = static_cast<std::int64_t>(i * 10 + (i * 7919 + offset) % 50);
    return {static_cast<std::uint32_t>(mix_bits(i + offset) % 500), timestamp{std::chrono::milliseconds{time}},
            static_cast<double>(i % 1000) / 8};
}
auto one_log(std::uint64_t offset) {
    return generate(2 * half, [offset](std::uint64_t i) { return payment_of(i, offset); }) |
           event_time(&payment::at, out_of_order(50ms));
}
[[maybe_unused]] auto payments() { return merge(one_log(0), one_log(17)); }

// What a run finds in its files.
std::function<void(simulation&)> files_before_a_run;

// How many allocations the second half of a run makes, per thousand records.
double allocations_of_second_half(const graph& what, const configuration& how, bool measured) {
    simulation where(how.seed);
    if (files_before_a_run) files_before_a_run(where);
    detail::run_plan plan = how.plan();
    plan.tuning.measure = measured;
    job running(what, plan, where);
    static_cast<void>(running.advance(2 * half));
    const std::uint64_t before = allocations;
    static_cast<void>(running.advance(2 * half - 2000));
    return static_cast<double>(allocations - before) * 1000.0 / static_cast<double>(2 * half - 2000);
}

template <class Source, class Pipeline>
void check_steady_from(const Source& source, const Pipeline& pipeline, double allowed_per_thousand) {
    const graph what("steady", pipeline(source) | into(for_each([](const auto&) {})));
    for (const configuration& how :
         {configuration{runner_kind::event_loop, 1, 1}, configuration{runner_kind::batch, 1024, 1},
          configuration{runner_kind::micro_batch, 64, 1}, configuration{runner_kind::batch, 64, 2}}) {
        INFO(how.text());
        // With two workers buffers go on growing a little, as long as one worker may come to be further ahead.
        const double growth = how.threads == 1 ? 0.0 : 1.5;
        CHECK(allocations_of_second_half(what, how, false) <= allowed_per_thousand + growth);
        if (how.runner != runner_kind::event_loop) continue;
        INFO("measured");
        CHECK(allocations_of_second_half(what, how, true) <= allowed_per_thousand + growth);
    }
}
template <class Pipeline> void check_steady(const Pipeline& pipeline, double allowed_per_thousand) {
    check_steady_from(payments(), pipeline, allowed_per_thousand);
}

}  // namespace

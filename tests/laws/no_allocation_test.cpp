// SPDX-License-Identifier: Apache-2.0
// Law 7: no allocation per record in steady state on the path of built-in stages. Every `new` of this program is
// counted; of a long run the second half is judged, when buffers, stores and windows have grown to their sizes.
#include <catch2/catch.hpp>

#include <atomic>
#include <cstdlib>
#include <new>
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/operators/window.hpp>
#include <weir/record/describe.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/memory.hpp>
#include <weir/testing/configuration.hpp>
#include <weir/testing/simulation.hpp>

namespace {
std::atomic<std::uint64_t> allocations{0};
}  // namespace

// Not inlined: g++ would see malloc and delete, or new and free, and warn that they do not match.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* made = std::malloc(size == 0 ? 1 : size)) return made;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* freed) noexcept { std::free(freed); }
[[gnu::noinline]] void operator delete(void* freed, std::size_t) noexcept { std::free(freed); }

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

// Two logs of payments of 500 cards, a little out of order.
auto payments() {
    const auto log = [](std::uint64_t offset) {
        return generate(2 * half,
                        [offset](std::uint64_t i) {
                            const auto time = static_cast<std::int64_t>(i * 10 + (i * 7919 + offset) % 50);
                            const auto card = static_cast<std::uint32_t>(mix_bits(i + offset) % 500);
                            return payment{card, timestamp{std::chrono::milliseconds{time}},
                                           static_cast<double>(i % 1000) / 8};
                        }) |
               event_time(&payment::at, out_of_order(50ms));
    };
    return merge(log(0), log(17));
}

// How many allocations the second half of a run makes, per thousand records.
double allocations_of_second_half(const graph& what, const configuration& how) {
    simulation where(how.seed);
    job running(what, how.plan(), where);
    static_cast<void>(running.advance(2 * half));
    const std::uint64_t before = allocations;
    static_cast<void>(running.advance(2 * half - 2000));
    return static_cast<double>(allocations - before) * 1000.0 / static_cast<double>(2 * half - 2000);
}

template <class Pipeline> void check_steady(const Pipeline& pipeline, double allowed_per_thousand) {
    const graph what("steady", pipeline(payments()) | into(for_each([](const auto&) {})));
    for (const configuration& how :
         {configuration{runner_kind::event_loop, 1, 1}, configuration{runner_kind::batch, 1024, 1},
          configuration{runner_kind::micro_batch, 64, 1}, configuration{runner_kind::batch, 64, 2}}) {
        INFO(how.text());
        // With two workers buffers go on growing a little, as long as one worker may come to be further ahead.
        const double growth = how.threads == 1 ? 0.0 : 1.5;
        CHECK(allocations_of_second_half(what, how) <= allowed_per_thousand + growth);
    }
}

}  // namespace

TEST_CASE("pure steps, merge and sinks allocate nothing per record", "[laws]") {
    check_steady(
        [](auto from) {
            return from | filter([](const payment& each) { return each.card % 3 != 0; }) | map([](payment each) {
                       each.amount *= 2;
                       return each;
                   });
        },
        0.1);
}

TEST_CASE("process allocates nothing per record", "[laws]") {
    check_steady(
        [](auto from) {
            return from | key_by(&payment::card) |
                   process<running_total>([](auto&, const payment& each, running_total& state) {
                       state.sum += each.amount;
                       return payment{each.card, each.at, state.sum};
                   });
        },
        0.1);
}

TEST_CASE("windows allocate nothing per record", "[laws]") {
    // A window's slot in the calendar of windows is one allocation per window, not per record.
    check_steady(
        [](auto from) {
            return from | key_by(&payment::card) | window(tumbling(10s)) |
                   aggregate(count(), sum(&payment::amount), max(&payment::amount));
        },
        1.5);
    check_steady(
        [](auto from) {
            return from | key_by(&payment::card) | window(sliding(10s, 5s)) | aggregate(count(), sum(&payment::amount));
        },
        1.5);
}

TEST_CASE("rolling windows and sorting allocate nothing per record", "[laws]") {
    check_steady(
        [](auto from) {
            return from | key_by(&payment::card) | rolling(60s) | aggregate(count(), sum(&payment::amount));
        },
        1.0);
    check_steady([](auto from) { return from | sort_by_time(); }, 0.1);
}

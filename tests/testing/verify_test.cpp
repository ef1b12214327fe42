// SPDX-License-Identifier: Apache-2.0
// The harness itself: it accepts what is right in every run, and says what is wrong.
#include <weir/testing/verify.hpp>

#include <catch2/catch.hpp>
#include <weir/aggregates/count.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/window.hpp>
#include <weir/record/describe.hpp>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::testing;

namespace verify_test {
struct reading {
    std::uint32_t key = 0;
    std::int64_t value = 0;
};
BOOST_DESCRIBE_STRUCT(reading, (), (key, value))
struct total {
    std::int64_t sum = 0;
    bool armed = false;
};
BOOST_DESCRIBE_STRUCT(total, (), (sum, armed))
}  // namespace verify_test
using namespace verify_test;

namespace {

const script<reading> readings{
    at(10s, reading{1, 5}), at(11s, reading{2, 7}), watermark(11s),        at(9s, reading{1, 1}), barrier(),
    at(12s, reading{1, 2}), watermark(20s),         at(21s, reading{2, 1})};

const auto totals = [](auto from) {
    return from | key_by(&reading::key) |
           process<total, reading>(
               [](auto& context, const reading& each, total& state) {
                   state.sum += each.value;
                   if (!state.armed) context.set_timer(each.key == 1 ? since_epoch(15s) : since_epoch(30s));
                   state.armed = true;
                   context.emit({each.key, state.sum});
               },
               [](auto& context, const std::uint32_t& key, total& state) { context.emit({key, -state.sum}); });
};

}  // namespace

TEST_CASE("verify runs a pure chain in every way", "[testing]") {
    verify([](auto from) { return from | filter([](const reading& each) { return each.value != 7; }); }, readings,
           trace<reading>{out(10s, no_watermark{}, reading{1, 5}), out(9s, 11s, reading{1, 1}),
                          out(12s, 11s, reading{1, 2}), out(21s, 20s, reading{2, 1})});
}

TEST_CASE("verify runs state, timers and late output, over snapshots", "[testing]") {
    verify(
        [](auto from) {
            auto results = totals(from);
            return std::tuple{results, late(results)};
        },
        readings,
        traces(trace<reading>{out(10s, no_watermark{}, reading{1, 5}), out(11s, no_watermark{}, reading{2, 7}),
                              out(12s, 11s, reading{1, 7}), out(15s, 15s, reading{1, -7}), out(21s, 20s, reading{2, 8}),
                              out(30s, 30s, reading{2, -8})},
               trace<reading>{out(9s, 11s, reading{1, 1})}));
}

TEST_CASE("verify takes partitions and several inputs", "[testing]") {
    const std::vector<script<reading>> partitions{{at(10s, reading{1, 1}), watermark(20s), at(25s, reading{1, 2})},
                                                  {at(12s, reading{1, 4}), watermark(13s), at(14s, reading{1, 8})}};
    verify(
        totals, partitions,
        trace<reading>{out(10s, no_watermark{}, reading{1, 1}), out(12s, no_watermark{}, reading{1, 5}),
                       out(14s, 13s, reading{1, 13}), out(15s, 15s, reading{1, -13}), out(25s, 20s, reading{1, 15})});
    verify([](auto left, auto right) { return std::tuple{left, right}; },
           inputs(script<int>{at(1s, 1)}, script<std::string>{watermark(1s), at(2s, std::string("two"))}),
           traces(trace<int>{out(1s, no_watermark{}, 1)}, trace<std::string>{out(2s, 1s, std::string("two"))}));
    verify([](auto from) { return from; }, script<int>{}, trace<int>{});
}

TEST_CASE("verify says what differs", "[testing]") {
    const auto same = [](auto from) { return from; };
    const script<int> one{at(1s, 1)};
    CHECK_THROWS_WITH(verify(same, one, trace<int>{out(1s, no_watermark{}, 2)}),
                      Catch::Contains("output 0, record 0 is 1 at time 1000000000"));
    CHECK_THROWS_WITH(verify(same, one, trace<int>{}),
                      Catch::Contains("record 0 is 1") && Catch::Contains("not nothing"));
    CHECK_THROWS_WITH(verify(same, one, trace<int>{out(1s, 1s, 1)}), Catch::Contains("the reference run"));
    // What a pipeline keeps outside of its state shows up as a difference between runs.
    const auto counting = [](auto from) {
        auto count = std::make_shared<int>(0);
        return from | map([count](const int&) { return ++*count; });
    };
    CHECK_THROWS_WITH(verify(counting, one, trace<int>{out(1s, no_watermark{}, 1)}),
                      Catch::Contains("event_loop of 1"));
    CHECK_THROWS_AS((script<int>{watermark(2s), watermark(1s)}), error);
}

TEST_CASE("verify takes rows of aggregates, rolled rows and pairs, and shows them by their parts", "[testing]") {
    using row = windowed<std::uint32_t, std::uint64_t>;
    const auto counted = [](auto from) {
        return from | key_by(&reading::key) | window(tumbling(10s)) | aggregate(count());
    };
    const auto wanted = [](std::uint64_t number) {
        return trace<row>{out(20s - 1ns, 20s - 1ns, row{1, since_epoch(10s), since_epoch(20s), {number}})};
    };
    const script<reading> two{at(10s, reading{1, 5}), at(11s, reading{1, 7})};
    verify(counted, two, wanted(2));
    CHECK_THROWS_WITH(verify(counted, two, wanted(3)),
                      Catch::Contains("record 0 is {key: 1, start: 1970-01-01T00:00:10Z, end: 1970-01-01T00:00:20Z, "
                                      "results: (2)} at"));
    const auto rolling_count = [](auto from) {
        return from | key_by(&reading::key) | rolling(5s) | aggregate(count());
    };
    CHECK_THROWS_WITH(verify(rolling_count, two, trace<rolled<reading, std::array<std::uint64_t, 1>>>{}),
                      Catch::Contains("record 0 is {record: {key: 1, value: 5}, results: ([1])} at"));
    const auto paired = [](auto from) { return join_by_origin(from, from); };
    CHECK_THROWS_WITH(verify(paired, two, trace<joined<reading, reading>>{}),
                      Catch::Contains("record 0 is {left: {key: 1, value: 5}, right: {key: 1, value: 5}} at"));
}

// SPDX-License-Identifier: Apache-2.0
// Law 2: the watermark travels with the record. Lateness is judged by the stamp alone, so that every run drops, fires
// and fires again alike. The named cases are the smallest ones that break the rules when they are relaxed.
#include <weir/testing/verify.hpp>

#include <catch2/catch.hpp>
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/operators/window.hpp>
#include <weir/record/describe.hpp>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::testing;

namespace lateness_test {
struct hit {
    std::uint32_t key = 0;
};
BOOST_DESCRIBE_STRUCT(hit, (), (key))
struct row {
    std::uint32_t key = 0;
    timestamp start{};
    timestamp end{};
    std::uint64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(row, (), (key, start, end, count))
struct nothing {};
BOOST_DESCRIBE_STRUCT(nothing, (), ())
}  // namespace lateness_test
using namespace lateness_test;

namespace {

using hits = script<hit>;

row of(std::uint32_t key, duration start, duration end, std::uint64_t count) {
    return {key, since_epoch(start), since_epoch(end), count};
}
// A window's first result: one tick before its end, in time and watermark.
expected<row> fired(std::uint32_t key, duration start, duration end, std::uint64_t count) {
    return out(end - one_tick, end - one_tick, of(key, start, end, count));
}

const auto counted = [](auto from, duration size, duration lateness = {}) {
    return from | key_by(&hit::key) | window(tumbling(size), allowed_lateness{lateness}) | aggregate<row>(count());
};
// Windows over windows, under another key.
const auto counted_twice = [](auto from) {
    return counted(from, 5s) | key_by([](const row&) { return std::uint32_t{9}; }) | window(tumbling(20s)) |
           aggregate<row>(sum(&row::count));
};

}  // namespace

TEST_CASE("lateness: windows do not fire early on input that is not in turn", "[laws]") {
    const std::vector<hits> partitions{hits{at(16s, hit{0}), watermark(10s), at(12s, hit{1})},
                                       hits{at(0s, hit{1}), watermark(-6s), at(4s, hit{1})}};
    verify([](auto from) { return counted(from, 10s); }, partitions,
           trace<row>{fired(1, 0s, 10s, 2), fired(1, 10s, 20s, 1), fired(0, 10s, 20s, 1)});
}

TEST_CASE("lateness: a result triggered at T has watermark T, not the batch's", "[laws]") {
    verify(counted_twice, hits{at(3s, hit{0}), watermark(3s), at(8s, hit{1})}, trace<row>{fired(9, 0s, 20s, 2)});
}

TEST_CASE("lateness: windows over re-keyed results do not fire early", "[laws]") {
    verify(counted_twice, hits{at(15s, hit{0}), watermark(9s), at(18s, hit{1}), watermark(12s), at(20s, hit{0})},
           trace<row>{fired(9, 0s, 20s, 2), fired(9, 20s, 40s, 1)});
}

TEST_CASE("lateness: a partition that lags makes no record of another one on time", "[laws]") {
    const std::vector<hits> partitions{hits{at(5s, hit{0}), watermark(20s), at(8s, hit{0}), at(21s, hit{0})},
                                       hits{at(1s, hit{0}), at(2s, hit{0}), at(3s, hit{0})}};
    verify(
        [](auto from) {
            auto results = counted(from, 10s);
            return std::tuple{results, late(results)};
        },
        partitions, traces(trace<row>{fired(0, 0s, 10s, 4), fired(0, 20s, 30s, 1)}, trace<hit>{out(8s, 20s, hit{0})}));
}

TEST_CASE("lateness: a window refuses a record at end + allowed lateness, not before", "[laws]") {
    const auto both = [](auto from) {
        auto results = counted(from, 10s, 5s);
        return std::tuple{results, late(results)};
    };
    verify(both, hits{at(1s, hit{0}), watermark(15s - one_tick), at(2s, hit{0}), watermark(15s), at(3s, hit{0})},
           traces(trace<row>{fired(0, 0s, 10s, 1), out(10s - one_tick, 15s - one_tick, of(0, 0s, 10s, 2))},
                  trace<hit>{out(3s, 15s, hit{0})}));
}

TEST_CASE("lateness: a record is late only if every window refuses it", "[laws]") {
    const auto both = [](auto from) {
        auto results = from | key_by(&hit::key) | window(sliding(10s, 5s)) | aggregate<row>(count());
        return std::tuple{results, late(results)};
    };
    verify(both, hits{watermark(10s), at(7s, hit{0}), watermark(15s), at(8s, hit{0})},
           traces(trace<row>{fired(0, 5s, 15s, 1)}, trace<hit>{out(8s, 15s, hit{0})}));
}

TEST_CASE("lateness: process and sort_by_time refuse what is below the watermark, not what is at it", "[laws]") {
    const hits steps{watermark(10s), at(10s - one_tick, hit{1}), at(10s, hit{2})};
    const trace<hit> kept{out(10s, 10s, hit{2})};
    const trace<hit> refused{out(10s - one_tick, 10s, hit{1})};
    verify(
        [](auto from) {
            auto same =
                from | key_by(&hit::key) | process<nothing>([](auto&, const hit& each, nothing&) { return each; });
            return std::tuple{same, late(same)};
        },
        steps, traces(kept, refused));
    verify(
        [](auto from) {
            auto sorted = from | sort_by_time();
            return std::tuple{sorted, late(sorted)};
        },
        steps, traces(kept, refused));
}

TEST_CASE("lateness: a late update is judged downstream like any record", "[laws]") {
    // The update of [0, 5) keeps its cause's watermark, 25, and so comes too late for [0, 20); [20, 40) goes on.
    const auto twice = [](auto from) {
        return counted(from, 5s, 30s) | key_by([](const row&) { return std::uint32_t{9}; }) | window(tumbling(20s)) |
               aggregate<row>(count());
    };
    verify(twice, hits{at(1s, hit{0}), watermark(25s), at(2s, hit{0}), at(26s, hit{0})},
           trace<row>{fired(9, 0s, 20s, 1), fired(9, 20s, 40s, 1)});
}

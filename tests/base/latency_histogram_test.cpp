// SPDX-License-Identifier: Apache-2.0
// Percentiles against those of the sorted values, from one nanosecond to the longest duration there is.
#include <weir/base/latency_histogram.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <rapidcheck.h>
#include <vector>
#include <weir/testing/simulation.hpp>

using namespace std::chrono_literals;

namespace {

constexpr std::int64_t longest = std::chrono::nanoseconds::max().count();

weir::latency_histogram histogram_of(const std::vector<std::int64_t>& values) {
    weir::latency_histogram made;
    for (const std::int64_t each : values) made.record(std::chrono::nanoseconds(each));
    return made;
}

// Of any magnitude: shifted by a number of bits, each as likely as the other.
rc::Gen<std::int64_t> durations() {
    return rc::gen::map(rc::gen::pair(rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange(1, 64)),
                        [](const std::pair<std::uint64_t, int>& each) {
                            return static_cast<std::int64_t>((each.first | (std::uint64_t{1} << 63U)) >> each.second);
                        });
}

// Of the sorted values, with the percentage in thousandths: ranks without rounding.
std::int64_t sorted_percentile(const std::vector<std::int64_t>& sorted, std::uint64_t thousandths) {
    const std::uint64_t rank = (thousandths * sorted.size() + 99'999) / 100'000;
    return sorted[std::max<std::uint64_t>(rank, 1) - 1];
}

void check_percentiles(const weir::latency_histogram& histogram, const std::vector<std::int64_t>& sorted) {
    std::vector<std::uint64_t> wanted{0, 1, 50'000, 90'000, 99'000, 99'900, 99'990, 99'999, 100'000};
    for (std::uint64_t each = 0; each <= 100'000; each += 1'237) wanted.push_back(each);
    for (const std::uint64_t thousandths : wanted) {
        const std::int64_t exact = sorted_percentile(sorted, thousandths);
        const std::int64_t said = histogram.percentile(static_cast<double>(thousandths) / 1'000).count();
        RC_ASSERT(said >= exact);
        RC_ASSERT(said - exact <= exact / 128);
    }
}

bool is_same(const weir::latency_histogram& left, const weir::latency_histogram& right) {
    for (double percent = 0; percent <= 100; percent += 0.5) {
        if (left.percentile(percent) != right.percentile(percent)) return false;
    }
    return left.count() == right.count() && left.min() == right.min() && left.max() == right.max() &&
           left.mean() == right.mean();
}

}  // namespace

TEST_CASE("percentiles are those of the sorted values, above by less than 1 %", "[base]") {
    STATIC_REQUIRE(weir::latency_histogram::most_error < 0.01);
    CHECK(rc::check([] {
        std::vector<std::int64_t> values =
            *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(durations()));
        const weir::latency_histogram histogram = histogram_of(values);
        std::sort(values.begin(), values.end());
        check_percentiles(histogram, values);
        RC_ASSERT(histogram.count() == values.size());
        RC_ASSERT(histogram.min().count() == values.front());
        RC_ASSERT(histogram.max().count() == values.back());
        const auto sum = std::accumulate(values.begin(), values.end(), 0.0L,
                                         [](long double left, std::int64_t each) { return left + each; });
        const auto mean = static_cast<double>(sum / static_cast<long double>(values.size()));
        RC_ASSERT(std::abs(histogram.mean() - mean) <= 1e-12 * mean);
    }));
}

TEST_CASE("merged histograms are that of all values", "[base]") {
    CHECK(rc::check([] {
        const auto left = *rc::gen::container<std::vector<std::int64_t>>(durations());
        const auto right = *rc::gen::container<std::vector<std::int64_t>>(durations());
        std::vector<std::int64_t> all = left;
        all.insert(all.end(), right.begin(), right.end());
        weir::latency_histogram merged = histogram_of(left);
        merged.merge(histogram_of(right));
        RC_ASSERT(is_same(merged, histogram_of(all)));
    }));
}

TEST_CASE("percentiles of a thousand values are the values that were counted", "[base]") {
    std::vector<std::int64_t> values(1'000);
    std::iota(values.begin(), values.end(), 1);  // the first 255 have a bucket each
    const weir::latency_histogram histogram = histogram_of(values);
    CHECK(histogram.percentile(0) == 1ns);
    CHECK(histogram.percentile(0.1) == 1ns);
    CHECK(histogram.percentile(0.11) == 2ns);
    CHECK(histogram.percentile(20) == 200ns);
    CHECK(histogram.percentile(50) == 501ns);   // the highest of its bucket of two
    CHECK(histogram.percentile(99.9) == 999ns);  // as 1000 * 0.999 comes out above 999, this is easily 1000
    CHECK(histogram.percentile(99.91) == 1'000ns);
    CHECK(histogram.percentile(100) == 1'000ns);
    CHECK(histogram.percentile(-1) == 1ns);
    CHECK(histogram.percentile(101) == 1'000ns);
    CHECK(histogram.mean() == 500.5);
}

TEST_CASE("an empty histogram is all zero, a cleared one is empty", "[base]") {
    weir::latency_histogram histogram;
    CHECK(histogram.count() == 0);
    CHECK(histogram.percentile(50) == 0ns);
    CHECK(histogram.min() == 0ns);
    CHECK(histogram.max() == 0ns);
    CHECK(histogram.mean() == 0);
    weir::latency_histogram other = histogram_of({5, 5'000'000});
    histogram.merge(other);
    CHECK(histogram.min() == 5ns);
    other.clear();
    CHECK(is_same(other, weir::latency_histogram{}));
}

TEST_CASE("durations below zero are zero, and the longest one fits, many times", "[base]") {
    weir::latency_histogram histogram = histogram_of({-1, -longest});
    CHECK(histogram.max() == 0ns);
    CHECK(histogram.percentile(100) == 0ns);
    histogram.clear();
    for (int i = 0; i < 5; ++i) histogram.record(std::chrono::nanoseconds::max());
    CHECK(histogram.percentile(50) == std::chrono::nanoseconds::max());
    CHECK(histogram.min() == std::chrono::nanoseconds::max());
    CHECK(histogram.mean() == static_cast<double>(longest));
}

TEST_CASE("a duration recorded many times at once is as if recorded one by one", "[base]") {
    weir::testing::seeded choose(7);
    weir::latency_histogram at_once;
    weir::latency_histogram one_by_one;
    at_once.record(5ns, 0);
    CHECK(is_same(at_once, one_by_one));
    for (int i = 0; i < 200; ++i) {
        const auto value = static_cast<std::int64_t>(choose.next() >> (1 + choose.below(63)));
        const auto times = static_cast<std::uint32_t>(choose.below(40));
        at_once.record(std::chrono::nanoseconds{value}, times);
        for (std::uint32_t each = 0; each < times; ++each) one_by_one.record(std::chrono::nanoseconds{value});
    }
    CHECK(is_same(at_once, one_by_one));
    CHECK(at_once.mean() == one_by_one.mean());
    at_once.clear();
    at_once.record(std::chrono::nanoseconds::max(), 0xffffffffU);
    CHECK(at_once.mean() == static_cast<double>(longest));
    CHECK(at_once.count() == 0xffffffffU);
}

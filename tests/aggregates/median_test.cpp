// SPDX-License-Identifier: Apache-2.0
// The exact median.
#include <weir/aggregates/median.hpp>

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "nearest_double.hpp"
#include "samples.hpp"

namespace {
using namespace weir_test;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

std::vector<payment> amounts(const std::vector<double>& values) {
    std::vector<payment> list;
    for (const double value : values) list.push_back({1, value});
    return list;
}
std::optional<double> median_of(const std::vector<double>& values) {
    return result_of(weir::median(&payment::amount, 100), amounts(values));
}
}  // namespace

TEST_CASE("the median lies in the middle", "[aggregates]") {
    CHECK(weir::median(&payment::amount, 9).name() == "median_amount");
    CHECK(median_of({}) == std::nullopt);
    CHECK(median_of({7.0}) == 7.0);
    CHECK(median_of({3, 1, 2}) == 2.0);
    CHECK(median_of({4, 1, 3, 2}) == 2.5);
    CHECK(result_of(weir::median(&payment::points, 9), {{.points = 3}, {.points = -4}}) == -0.5);
}

TEST_CASE("the median of whole numbers beyond 2^53 is rounded once", "[aggregates]") {
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();
    CHECK(result_of(weir::median(&payment::points, 9), {{.points = highest}, {.points = highest}}) ==
          std::ldexp(1, 63));
    CHECK(result_of(weir::median(&payment::points, 9), {{.points = highest}, {.points = -highest}}) == 0.0);
    const std::int64_t odd = (std::int64_t{1} << 53) + 1;
    CHECK(result_of(weir::median(&payment::points, 9), {{.points = odd}, {.points = odd + 2}}) ==
          static_cast<double>(odd + 1));
}

TEST_CASE("the median of odd values", "[aggregates]") {
    CHECK(std::isnan(*median_of({1, no_number, 2})));
    CHECK(std::isnan(*median_of({1, -no_number, 2, 3})));
    CHECK(std::bit_cast<std::uint64_t>(*median_of({1, -no_number, 2})) == std::bit_cast<std::uint64_t>(no_number));
    CHECK(median_of({infinity, 1, -infinity}) == 1.0);
    CHECK(median_of({infinity, infinity, 0, 1}) == infinity);
    CHECK(std::isnan(*median_of({infinity, -infinity})));
    CHECK(std::signbit(*median_of({-0.0, -0.0, 0.0})));
    constexpr double largest = std::numeric_limits<double>::max();
    CHECK(median_of({largest, largest}) == largest);
    CHECK(median_of({largest, std::nextafter(largest, 0)}) == std::nextafter(largest, 0));
    CHECK(median_of({largest, -largest}) == 0.0);
}

TEST_CASE("the mean of the two in the middle is rounded once", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 60U)));
    const auto values = random_values(random, all_flavours[random() % std::size(all_flavours)], 2);
    CAPTURE(values);
    CHECK(is_nearest(scaled(values[0]) + scaled(values[1]), 2, *median_of(values)));
}

TEST_CASE("a median of too many records is an error", "[aggregates]") {
    const auto median = weir::median(&payment::amount, 2);
    CHECK(result_of(median, amounts({1, 2})) == 1.5);
    CHECK_THROWS_WITH(result_of(median, amounts({1, 2, 3})),
                      "median_amount of more than 2 records: give it a larger bound, or use weir::quantile");
    CHECK_THROWS_WITH(weir::median(&payment::amount, 0), "median(..., 0) keeps nothing: give it at least 1");
    CHECK(median.state_tag() == "median<2,sorted<f64>>");
}

TEST_CASE("the median is what a sorted list of all records says", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 80U)));
    const auto list = random_payments(random, random() % 40);
    std::vector<std::int64_t> sorted;
    for (const auto& [paid, at] : list) sorted.push_back(paid.points);
    std::sort(sorted.begin(), sorted.end());
    std::optional<double> expected;
    if (!sorted.empty()) {
        expected = static_cast<double>(sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2;
    }
    CHECK(result_in_parts(weir::median(&payment::points, 40), list, random) == expected);
}

// SPDX-License-Identifier: Apache-2.0
// Quantiles within a relative error, against sorted lists.
#include <weir/aggregates/quantile.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "nearest_double.hpp"
#include "samples.hpp"

namespace {
using namespace weir_test;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double largest = std::numeric_limits<double>::max();

struct measured {
    double value = 0;
};
template <class A>
auto result_over(const A& aggregate, const std::vector<double>& values) {
    auto state = aggregate.create();
    for (const double value : values) aggregate.add(state, measured{value});
    return aggregate.result(state);
}
// The long doubles of this machine hold the products without rounding that matters.
bool is_near(double exact, double got, double error) {
    if (std::isinf(exact) || exact == 0) return got == exact;
    const long double distance = std::fabs(static_cast<long double>(exact) - static_cast<long double>(got));
    const long double allowed = static_cast<long double>(error) * std::fabs(static_cast<long double>(exact));
    const bool normal = std::fabs(exact) >= std::numeric_limits<double>::min();
    return distance <= (normal ? allowed : allowed + std::numeric_limits<double>::denorm_min());
}
double exact_quantile(std::vector<double> values, double quantile) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(quantile * static_cast<double>(values.size() - 1))];
}
}  // namespace

TEST_CASE("quantiles are named after their percent", "[aggregates]") {
    CHECK(weir::quantile(&payment::amount, 0.5).name() == "p50_amount");
    CHECK(weir::quantile(&payment::amount, 0.99).name() == "p99_amount");
    CHECK(weir::quantile(&payment::amount, 0.999).name() == "p99_9_amount");
    CHECK(weir::quantile(&payment::amount, 0.05).name() == "p5_amount");
    CHECK(weir::quantile(&payment::amount, 0.9).name() == "p90_amount");
    CHECK(weir::quantile(&payment::amount, 0.0025).name() == "p0_25_amount");
    CHECK(weir::quantile(&payment::amount, 0).name() == "p0_amount");
    CHECK(weir::quantile(&payment::amount, 1).name() == "p100_amount");
    CHECK(weir::quantile([](const payment& p) { return p.amount; }, 0.57).name() == "p57");
    CHECK(weir::quantiles(&payment::amount, {0.5, 0.9}).name() == "quantiles_amount");
    CHECK(weir::quantile(&payment::amount, 0.5).state_tag() == "quantile_sketch<0.01>");
    CHECK(weir::quantile(&payment::amount, 0.5, 0.0005).state_tag() == "quantile_sketch<0.0005>");
}

TEST_CASE("quantiles out of range are refused", "[aggregates]") {
    CHECK_THROWS_WITH(weir::quantile(&payment::amount, 1.5), "quantile(..., 1.5): a quantile is between 0 and 1");
    CHECK_THROWS_WITH(weir::quantile(&payment::amount, -0.1), "quantile(..., -0.1): a quantile is between 0 and 1");
    CHECK_THROWS_WITH(weir::quantiles(&payment::amount, {0.5, std::nan("")}),
                      "quantile(..., nan): a quantile is between 0 and 1");
    for (const double error : {0.0, 0.00001, 0.51, -1.0, std::nan("")}) {
        CHECK_THROWS_AS(weir::quantile(&payment::amount, 0.5, error), weir::error);
    }
    CHECK_THROWS_WITH(weir::quantile(&payment::amount, 0.5, 0.75),
                      "quantile with a relative error of 0.75: it is between 0.0001 and 0.5");
}

TEST_CASE("quantiles of few and of odd values", "[aggregates]") {
    const auto median = weir::quantile(&measured::value, 0.5);
    CHECK(result_over(median, {}) == std::nullopt);
    CHECK(is_near(7.0, *result_over(median, {7.0}), 0.01));
    CHECK(is_near(-7.0, *result_over(median, {-7.0}), 0.01));
    CHECK(result_over(median, {0.0, -0.0, 0.0}) == 0.0);
    CHECK_FALSE(std::signbit(*result_over(median, {-0.0})));
    CHECK(result_over(median, {infinity, -infinity, infinity}) == infinity);
    CHECK(result_over(weir::quantile(&measured::value, 0.0), {infinity, -infinity, 1.0}) == -infinity);
    CHECK(std::isnan(*result_over(median, {1.0, std::nan(""), 2.0})));
    CHECK(is_near(3.0, *result_of(weir::quantile(&payment::points, 1.0), three_payments()), 0.01));
    CHECK(is_near(1.8446744073709552e19, *result_of(weir::quantile(&payment::card, 1.0), {{~std::uint64_t{0}}}), 0.01));
    const auto both = result_over(weir::quantiles(&measured::value, {0.0, 1.0}, 0.001), {3.0, 1.0, 2.0});
    CHECK(is_near(1.0, both.at(0), 0.001));
    CHECK(is_near(3.0, both.at(1), 0.001));
    CHECK(result_over(weir::quantiles(&measured::value, {0.0, 1.0}), {}).empty());
}

TEST_CASE("every double is within the relative error of its bucket", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 12U)));
    const double error = GENERATE(0.0001, 0.01, 0.0314159, 0.25, 0.5);
    const weir::detail::bucket_line line(error);
    CHECK(line.bucket_of(largest) < weir::detail::bucket_counts::most_buckets);
    std::vector<double> values{largest, std::nextafter(largest, 0), 1.0, std::nextafter(1.0, 0), std::nextafter(1.0, 2),
                               std::numeric_limits<double>::min(), std::numeric_limits<double>::denorm_min()};
    for (const flavour kind : all_flavours) {
        for (const double value : random_values(random, kind, 20)) values.push_back(value);
    }
    for (double value : values) {
        value = std::abs(value);
        if (value == 0) continue;
        const auto bucket = line.bucket_of(value);
        CAPTURE(value, bucket);
        REQUIRE(is_near(value, line.value_of(bucket), error));
        const double below = std::nextafter(value, 0);
        if (below > 0) REQUIRE(line.bucket_of(below) <= bucket);
    }
}

TEST_CASE("the ends of a bucket are within the relative error of its middle", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 12U)));
    const double error = GENERATE(0.001, 0.01, 0.1);
    const weir::detail::bucket_line line(error);
    for (int i = 0; i < 20; ++i) {
        const double part = 1 + static_cast<double>(random() % 1000) / 1000;
        const double start = std::ldexp(part, static_cast<int>(random() % 100));
        const auto bucket = line.bucket_of(start);
        double low = start * (1 - 4 * error);  // lies before the bucket, or at its beginning
        double high = start;
        while (std::nextafter(low, high) < high) {
            const double middle = low + (high - low) / 2;
            (line.bucket_of(middle) < bucket ? low : high) = middle;
        }
        REQUIRE(is_near(high, line.value_of(bucket), error));
        REQUIRE(is_near(low, line.value_of(line.bucket_of(low)), error));
    }
}

TEST_CASE("quantiles are those of a sorted list within the error, also when values are taken back", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 100U)));
    const double at = GENERATE(0.0, 0.5, 0.99, 1.0);
    auto values = random_values(random, all_flavours[random() % std::size(all_flavours)], 1 + random() % 60);
    if (random() % 3 == 0) values.push_back(infinity);
    if (random() % 3 == 0) values.push_back(-infinity);
    const auto quantile = weir::quantile(&measured::value, at, random() % 2 == 0 ? 0.01 : 0.05);
    const double error = quantile.line.relative_error();
    auto state = quantile.create();
    for (const double value : values) quantile.add(state, measured{value});
    while (!values.empty()) {
        CAPTURE(values.size());
        REQUIRE(is_near(exact_quantile(values, at), *quantile.result(state), error));
        quantile.remove(state, measured{values.back()});
        values.pop_back();
    }
    CHECK(quantile.result(state) == std::nullopt);
    CHECK(state.memory() == 0);
}

TEST_CASE("quantiles do not show how records were split", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 40U)));
    const auto list = random_payments(random, 1 + random() % 60);
    std::vector<double> amounts;
    for (const auto& [paid, at] : list) amounts.push_back(paid.amount);
    for (const double at : {0.1, 0.5, 0.95}) {
        const auto result = result_in_parts(weir::quantile(&payment::amount, at), list, random);
        CHECK(is_near(exact_quantile(amounts, at), *result, 0.01));
    }
}

TEST_CASE("a sketch takes as much memory as its documentation says", "[aggregates]") {
    const auto quantile = weir::quantile(&measured::value, 0.5);
    auto state = quantile.create();
    for (int i = 0; i < 200'000; ++i) quantile.add(state, measured{std::pow(10.0, 6.0 * i / 200'000)});
    CHECK(state.memory() <= 2 * 6'144);  // vectors double
    auto all = quantile.create();
    for (std::uint64_t bits = 1; bits < std::uint64_t{2047} << 52; bits += std::uint64_t{1} << 44) {
        quantile.add(all, measured{std::bit_cast<double>(bits)});
        quantile.add(all, measured{-std::bit_cast<double>(bits)});
    }
    CHECK(all.memory() <= 2 * 1'250'000);
    // Values that drift while old ones are taken back leave nothing behind but the directory.
    auto drifting = quantile.create();
    for (int i = 0; i < 2'000; ++i) {
        quantile.add(drifting, measured{std::ldexp(1.0, i / 2 - 500)});
        if (i >= 10) quantile.remove(drifting, measured{std::ldexp(1.0, (i - 10) / 2 - 500)});
    }
    CHECK(drifting.memory() < 32'768);
}

TEST_CASE("damaged sketches are refused", "[aggregates]") {
    const auto refused = [](const std::vector<std::pair<std::uint32_t, std::uint64_t>>& counts) {
        weir::binary_writer writer;
        for (int i = 0; i < 4; ++i) writer.write_fixed(std::uint64_t{0});
        writer.write_count(0);
        writer.write_count(counts.size());
        for (const auto& [bucket, times] : counts) {
            writer.write_fixed(bucket);
            writer.write_fixed(times);
        }
        weir::binary_reader reader(writer.bytes());
        weir::detail::quantile_sketch sketch;
        try {
            sketch.load(reader);
        } catch (const weir::error& error) {
            return error.kind() == weir::error_kind::state;
        }
        return false;
    };
    CHECK_FALSE(refused({{5, 1}, {6, 1}}));
    CHECK(refused({{5, 1}, {5, 1}}));
    CHECK(refused({{6, 1}, {5, 1}}));
    CHECK(refused({{5, 0}}));
    CHECK(refused({{1U << 23, 1}}));
}

// SPDX-License-Identifier: Apache-2.0
// Correlations, against whole numbers of Boost.Multiprecision.
#include <weir/aggregates/correlation.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "nearest_double.hpp"
#include "samples.hpp"

namespace {
using namespace weir_test;

struct pair {
    double x = 0;
    double y = 0;
};

// Whether |candidate| is the double nearest to the square root of numerator / denominator: the squares of the middles
// between it and its neighbours lie on either side.
bool is_nearest_root(const big_integer& numerator, const big_integer& denominator, double candidate) {
    const double size = std::abs(candidate);
    const auto middle_squared = [](double left, double right) {  // in units of 2^-4400
        const big_integer middle = (scaled(left, 2200) + scaled(right, 2200)) / 2;
        return big_integer{middle * middle};
    };
    const big_integer exact = numerator << 4400;
    const big_integer above = middle_squared(size, std::nextafter(size, 2.0)) * denominator;
    const big_integer below = middle_squared(size, std::nextafter(size, 0.0)) * denominator;
    return below <= exact && exact <= above;
}
}  // namespace

TEST_CASE("correlation tells how two numbers go together", "[aggregates]") {
    const auto together = weir::correlation(&payment::amount, &payment::points);
    CHECK(together.name() == "correlation_amount_points");
    CHECK(result_of(together, {{.amount = 1, .points = 2}, {.amount = 2, .points = 4}}) == 1.0);
    CHECK(result_of(together, {{.amount = 0.1, .points = 9}, {.amount = 0.2, .points = 4}}) == -1.0);
    CHECK(result_of(together, {{.amount = 1, .points = 0}, {.amount = 2, .points = 3}, {.amount = 3, .points = 0}}) ==
          0.0);
    CHECK(result_of(together, {}) == std::nullopt);
    CHECK(result_of(together, {payment{}}) == std::nullopt);
}

TEST_CASE("there is no correlation with what is always the same", "[aggregates]") {
    const auto together = weir::correlation(&payment::amount, &payment::points);
    CHECK(result_of(together, {{.amount = 1, .points = 2}, {.amount = 1, .points = 4}}) == std::nullopt);
    CHECK(result_of(together, {{.amount = 1, .points = 2}, {.amount = 3, .points = 2}}) == std::nullopt);
    CHECK(result_of(together, {{.amount = 0.1, .points = 2}, {.amount = 0.1, .points = 3}, {.amount = 0.1}}) ==
          std::nullopt);  // exactly, where rounded sums would leave something
}

TEST_CASE("a NaN or an infinity makes a correlation NaN", "[aggregates]") {
    const auto together = weir::correlation(&payment::amount, &payment::points);
    for (const double odd : {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
        CHECK(std::isnan(*result_of(together, {{.amount = odd, .points = 1}, {.amount = 2, .points = 3}})));
    }
}

TEST_CASE("correlations of any finite doubles are the nearest doubles", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 200U)));
    const auto size = 2 + random() % 12;
    const auto first = random_values(random, all_flavours[random() % std::size(all_flavours)], size);
    auto second = random_values(random, all_flavours[random() % std::size(all_flavours)], size);
    if (random() % 4 == 0) second = first;
    const auto together = weir::correlation(&pair::x, &pair::y);
    auto state = together.create();
    big_integer x = 0;
    big_integer y = 0;
    big_integer xx = 0;
    big_integer yy = 0;
    big_integer xy = 0;
    for (std::size_t i = 0; i < size; ++i) {
        together.add(state, pair{first[i], second[i]});
        const big_integer one = scaled(first[i], 1074);
        const big_integer other = scaled(second[i], 1074);
        x += one;
        y += other;
        xx += one * one;
        yy += other * other;
        xy += one * other;
    }
    const big_integer top = xy * size - x * y;
    const big_integer bottom = (xx * size - x * x) * (yy * size - y * y);
    const auto result = together.result(state);
    REQUIRE(result.has_value() == (bottom != 0));
    if (!result) return;
    CHECK((top < 0) == (*result < 0));
    CHECK(is_nearest_root(top * top, bottom, *result));
}

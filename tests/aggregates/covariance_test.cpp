// SPDX-License-Identifier: Apache-2.0
// Covariances, against whole numbers of Boost.Multiprecision.
#include <weir/aggregates/covariance.hpp>

#include <bit>
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
}  // namespace

TEST_CASE("covariance of a sample and of a population", "[aggregates]") {
    const auto sample = weir::covariance(&payment::amount, &payment::points);
    CHECK(sample.name() == "covariance_amount_points");
    CHECK(weir::population_covariance(&payment::amount, &payment::points).name() ==
          "population_covariance_amount_points");
    const std::vector<payment> list{{.amount = 1, .points = 2}, {.amount = 2, .points = 4}, {.amount = 6, .points = 3}};
    CHECK(result_of(sample, list) == 0.5);
    CHECK(result_of(weir::population_covariance(&payment::amount, &payment::points), list) == 1.0 / 3);
    CHECK(result_of(sample, {}) == std::nullopt);
    CHECK(result_of(sample, {payment{}}) == std::nullopt);
    CHECK(result_of(weir::population_covariance(&payment::amount, &payment::points), {}) == std::nullopt);
    CHECK(result_of(weir::population_covariance(&payment::amount, &payment::points), {payment{}}) == 0.0);
}

TEST_CASE("a NaN or an infinity makes a covariance NaN until it is taken back", "[aggregates]") {
    const auto sample = weir::covariance(&payment::amount, &payment::points);
    for (const double odd : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
        auto state = sample.create();
        sample.add(state, payment{.amount = 1, .points = 1});
        sample.add(state, payment{.amount = odd, .points = 0});
        CHECK(std::isnan(*sample.result(state)));
        sample.add(state, payment{.amount = 3, .points = 2});
        CHECK(std::isnan(*sample.result(state)));
        sample.remove(state, payment{.amount = odd, .points = 0});
        CHECK(sample.result(state) == 1.0);
    }
}

TEST_CASE("covariances of any finite doubles are the nearest doubles", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 200U)));
    const auto size = 2 + random() % 12;
    const auto first = random_values(random, all_flavours[random() % std::size(all_flavours)], size);
    const auto second = random_values(random, all_flavours[random() % std::size(all_flavours)], size);
    const auto covariance = weir::covariance(&pair::x, &pair::y);
    auto state = covariance.create();
    big_integer sum_x = 0;
    big_integer sum_y = 0;
    big_integer products = 0;  // all in units of 2^-1100, products in those squared
    for (std::size_t i = 0; i < size; ++i) {
        covariance.add(state, pair{first[i], second[i]});
        sum_x += scaled(first[i], 1100);
        sum_y += scaled(second[i], 1100);
        products += scaled(first[i], 1100) * scaled(second[i], 1100);
    }
    const big_integer numerator = products * size - sum_x * sum_y;
    CHECK(is_nearest(numerator, big_integer{size} * (size - 1), *covariance.result(state)));
}

TEST_CASE("states are as small as the documentation says", "[aggregates]") {
    STATIC_REQUIRE(sizeof(weir::detail::exact_pairs<false>) == 160);
    STATIC_REQUIRE(sizeof(weir::detail::exact_pairs<true>) == 256);
}

TEST_CASE("covariances of whole numbers beyond 2^53 are not rounded first", "[aggregates]") {
    const auto covariance = weir::covariance(&payment::points, &payment::card);
    CHECK(covariance.name() == "covariance_points_card");
    const std::int64_t large = 9'007'199'254'740'993;
    const std::vector<payment> list{{.card = 1, .points = large}, {.card = 3, .points = large + 2}};
    CHECK(result_of(covariance, list) == 2.0);
}

// SPDX-License-Identifier: Apache-2.0
// Variances of fields; the arithmetic is in exact_moments_test.cpp.
#include <weir/aggregates/variance.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <optional>

#include "payment.hpp"

namespace {
using namespace weir_test;
}  // namespace

TEST_CASE("variance of a sample and of a population", "[aggregates]") {
    CHECK(weir::variance(&payment::points).name() == "variance_points");
    CHECK(weir::population_variance(&payment::points).name() == "population_variance_points");
    CHECK(result_of(weir::variance(&payment::points), three_payments()) == 49.0 / 3);
    CHECK(result_of(weir::population_variance(&payment::points), three_payments()) == 98.0 / 9);
}

TEST_CASE("too few records have no variance", "[aggregates]") {
    CHECK(result_of(weir::variance(&payment::amount), {}) == std::nullopt);
    CHECK(result_of(weir::population_variance(&payment::amount), {}) == std::nullopt);
    CHECK(result_of(weir::variance(&payment::amount), {payment{}}) == std::nullopt);
    CHECK(result_of(weir::population_variance(&payment::amount), {payment{}}) == 0.0);
}

TEST_CASE("whole numbers beyond 2^53 are not rounded first", "[aggregates]") {
    const auto variance = weir::variance(&payment::points);
    auto state = variance.create();
    const payment one{.points = 9'007'199'254'740'993};
    const payment other{.points = 9'007'199'254'740'995};
    variance.add(state, one);
    variance.add(state, other);
    CHECK(variance.result(state) == 2.0);
    variance.remove(state, one);
    CHECK(variance.result(state) == std::nullopt);
    CHECK(result_of(weir::population_variance(&payment::card), {{0}, {~std::uint64_t{0}}}) == std::ldexp(1.0, 126));
}

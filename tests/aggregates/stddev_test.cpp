// SPDX-License-Identifier: Apache-2.0
// The root of the variance.
#include <weir/aggregates/stddev.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <optional>

#include "payment.hpp"

namespace {
using namespace weir_test;
}  // namespace

TEST_CASE("stddev is the root of the variance", "[aggregates]") {
    CHECK(weir::stddev(&payment::points).name() == "stddev_points");
    CHECK(weir::population_stddev(&payment::points).name() == "population_stddev_points");
    CHECK(result_of(weir::stddev(&payment::points), three_payments()) == std::sqrt(49.0 / 3));
    CHECK(result_of(weir::population_stddev(&payment::points), three_payments()) == std::sqrt(98.0 / 9));
}

TEST_CASE("too few records have no stddev", "[aggregates]") {
    CHECK(result_of(weir::stddev(&payment::amount), {payment{}}) == std::nullopt);
    CHECK(result_of(weir::population_stddev(&payment::amount), {payment{}}) == 0.0);
    CHECK(result_of(weir::population_stddev(&payment::amount), {}) == std::nullopt);
}

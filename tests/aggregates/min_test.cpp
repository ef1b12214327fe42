// SPDX-License-Identifier: Apache-2.0
// The smallest value.
#include <weir/aggregates/min.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "payment.hpp"

namespace {
using namespace weir_test;
}  // namespace

TEST_CASE("min is the smallest value", "[aggregates]") {
    CHECK(weir::min(&payment::points).name() == "min_points");
    CHECK(result_of(weir::min(&payment::amount), three_payments()) == 0.1);
    CHECK(result_of(weir::min(&payment::points), three_payments()) == -4);
    CHECK(result_of(weir::min(&payment::merchant), three_payments()) == "bakery");
}

TEST_CASE("min goes by IEEE 754's total order", "[aggregates]") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<payment> zeros{{1, 0.0}, {1, -0.0}, {1, 0.0}};
    CHECK(std::signbit(result_of(weir::min(&payment::amount), zeros)));
    const std::vector<payment> odd{{1, nan}, {1, infinity}, {1, -7.0}, {1, -8.0}};
    CHECK(result_of(weir::min(&payment::amount), odd) == -8.0);
}

TEST_CASE("min of nothing", "[aggregates]") {
    CHECK(std::isnan(result_of(weir::min(&payment::amount), {})));
    CHECK(result_of(weir::min(&payment::points), {}) == std::numeric_limits<std::int64_t>::max());
    CHECK(result_of(weir::min(&payment::merchant), {}).empty());
}

TEST_CASE("min keeps no more than the number and takes nothing back", "[aggregates]") {
    using min_type = decltype(weir::min(&payment::amount));
    STATIC_REQUIRE(sizeof(min_type::state_type) == 8);
    STATIC_REQUIRE_FALSE(weir::removable<min_type, payment>);
}

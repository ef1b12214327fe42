// SPDX-License-Identifier: Apache-2.0
// The largest value.
#include <weir/aggregates/max.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "payment.hpp"

namespace {
using namespace weir_test;
}  // namespace

TEST_CASE("max is the largest value", "[aggregates]") {
    CHECK(weir::max(&payment::points).name() == "max_points");
    CHECK(result_of(weir::max(&payment::amount), three_payments()) == 0.3);
    CHECK(result_of(weir::max(&payment::points), three_payments()) == 3);
    CHECK(result_of(weir::max(&payment::merchant), three_payments()) == "bookshop");
}

TEST_CASE("max goes by IEEE 754's total order", "[aggregates]") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<payment> zeros{{1, 0.0}, {1, -0.0}, {1, 0.0}};
    CHECK_FALSE(std::signbit(result_of(weir::max(&payment::amount), zeros)));
    const std::vector<payment> odd{{1, nan}, {1, infinity}, {1, -7.0}, {1, -8.0}};
    CHECK(std::isnan(result_of(weir::max(&payment::amount), odd)));
}

TEST_CASE("max of nothing", "[aggregates]") {
    CHECK(std::isnan(result_of(weir::max(&payment::amount), {})));
    CHECK(result_of(weir::max(&payment::points), {}) == std::numeric_limits<std::int64_t>::min());
    CHECK(result_of(weir::max(&payment::merchant), {}).empty());
}

TEST_CASE("max keeps no more than the number and takes nothing back", "[aggregates]") {
    using max_type = decltype(weir::max(&payment::amount));
    STATIC_REQUIRE(sizeof(max_type::state_type) == 8);
    STATIC_REQUIRE_FALSE(weir::removable<max_type, payment>);
}

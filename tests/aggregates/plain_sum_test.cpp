// SPDX-License-Identifier: Apache-2.0
// Ordinary doubles, at full speed and in order.
#include <weir/aggregates/plain_sum.hpp>

#include <catch2/catch.hpp>

#include "payment.hpp"

namespace {
using namespace weir_test;
}  // namespace

TEST_CASE("plain_sum rounds at every step", "[aggregates]") {
    CHECK(weir::plain_sum(&payment::amount).name() == "plain_sum_amount");
    CHECK(result_of(weir::plain_sum(&payment::amount), three_payments()) == 0.1 + 0.2 + 0.3);
    CHECK(result_of(weir::plain_sum(&payment::amount), three_payments()) != 0.6);
    CHECK(result_of(weir::plain_sum(&payment::points), three_payments()) == 2.0);
    CHECK(result_of(weir::plain_sum(&payment::amount), {}) == 0.0);
}

TEST_CASE("plain_sum says that it is order-sensitive", "[aggregates]") {
    using plain = decltype(weir::plain_sum(&payment::amount));
    STATIC_REQUIRE_FALSE(weir::commutes<plain>);
    STATIC_REQUIRE_FALSE(weir::removable<plain, payment>);
}

// SPDX-License-Identifier: Apache-2.0
// The rounded exact sum, divided by the count.
#include <weir/aggregates/mean.hpp>

#include <catch2/catch.hpp>
#include <cmath>

#include "payment.hpp"

namespace {
using namespace weir_test;
}  // namespace

TEST_CASE("a mean is the exact sum divided by the count", "[aggregates]") {
    CHECK(weir::mean(&payment::amount).name() == "mean_amount");
    CHECK(result_of(weir::mean(&payment::amount), three_payments()) == 0.6 / 3);
    CHECK(result_of(weir::mean(&payment::points), three_payments()) == 2.0 / 3);
}

TEST_CASE("a mean of whole numbers may leave 64 bits on the way", "[aggregates]") {
    CHECK(result_of(weir::mean(&payment::card), {{~std::uint64_t{0}}, {~std::uint64_t{0}}}) == std::ldexp(1.0, 64));
}

TEST_CASE("the mean of nothing is NaN", "[aggregates]") {
    CHECK(std::isnan(result_of(weir::mean(&payment::amount), {})));
    CHECK(std::isnan(result_of(weir::mean(&payment::points), {})));
}

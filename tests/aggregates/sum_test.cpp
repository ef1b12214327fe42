// SPDX-License-Identifier: Apache-2.0
// Exact sums of doubles and of whole numbers.
#include <weir/aggregates/sum.hpp>

#include <bit>
#include <catch2/catch.hpp>
#include <limits>
#include <type_traits>

#include "payment.hpp"

namespace {
using namespace weir_test;
}  // namespace

TEST_CASE("a sum of doubles is rounded once", "[aggregates]") {
    CHECK(weir::sum(&payment::amount).name() == "sum_amount");
    CHECK(result_of(weir::sum(&payment::amount), three_payments()) == 0.6);
    CHECK(std::bit_cast<std::uint64_t>(result_of(weir::sum(&payment::amount), {})) == 0);
}

TEST_CASE("a sum of whole numbers is a whole number", "[aggregates]") {
    CHECK(result_of(weir::sum(&payment::points), three_payments()) == 2);
    STATIC_REQUIRE(std::is_same_v<weir::aggregate_result<decltype(weir::sum(&payment::points))>, std::int64_t>);
    STATIC_REQUIRE(std::is_same_v<weir::aggregate_result<decltype(weir::sum(&payment::card))>, std::uint64_t>);
}

TEST_CASE("a sum of whole numbers that leaves 64 bits is an error, not a lie", "[aggregates]") {
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const auto sum = weir::sum(&payment::points);
    CHECK(result_of(sum, {{1, 0, "", most}, {1, 0, "", 1}, {1, 0, "", -1}}) == most);
    CHECK_THROWS_AS(result_of(sum, {{1, 0, "", most}, {1, 0, "", 1}}), weir::error);
    CHECK_THROWS_WITH(result_of(sum, {{1, 0, "", -most}, {1, 0, "", -2}}),
                      "sum_points leaves 64 bits: sum it as double");
    CHECK_THROWS_AS(result_of(weir::sum(&payment::card), {{~std::uint64_t{0}}, {1}}), weir::error);
}

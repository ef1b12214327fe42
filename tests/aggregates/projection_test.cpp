// SPDX-License-Identifier: Apache-2.0
// What an aggregate looks at, and the column it is named after.
#include <weir/aggregates/projection.hpp>
#include <weir/aggregates/sum.hpp>

#include <catch2/catch.hpp>

#include "payment.hpp"

namespace {
using namespace weir_test;

struct plain {
    double value = 0;
    [[nodiscard]] double twice() const { return 2 * value; }
};
double half_of(const payment& paid) { return paid.amount / 2; }

}  // namespace

TEST_CASE("columns are named after described members", "[aggregates]") {
    CHECK(weir::sum(&payment::amount).name() == "sum_amount");
    CHECK(weir::sum([](const payment& p) { return p.amount; }).name() == "sum");
    CHECK(weir::sum(&plain::value).name() == "sum");
}

TEST_CASE("members, methods and functions that name their record are projections", "[aggregates]") {
    CHECK(result_of(weir::sum(half_of), three_payments()) == 0.3);
    CHECK(result_of(weir::sum([](const payment& p) noexcept { return p.points; }), three_payments()) == 2);
    const auto twice = weir::sum(&plain::twice);
    auto state = twice.create();
    twice.add(state, plain{1.5});
    CHECK(twice.result(state) == 3.0);
    STATIC_REQUIRE(weir::projection<decltype(&half_of)>);
    STATIC_REQUIRE(weir::projection<decltype(&payment::card)>);
    STATIC_REQUIRE_FALSE(weir::projection<decltype([](const auto& any) { return any; })>);
}

TEST_CASE("a projection of one struct does not take another", "[aggregates]") {
    STATIC_REQUIRE_FALSE(weir::aggregate_for<decltype(weir::sum(&payment::amount)), plain>);
}

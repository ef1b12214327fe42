// SPDX-License-Identifier: Apache-2.0
// How many different values.
#include <weir/aggregates/distinct.hpp>

#include <catch2/catch.hpp>
#include <limits>
#include <string_view>

#include "payment.hpp"

namespace {
using namespace weir_test;
}  // namespace

TEST_CASE("distinct counts different values", "[aggregates]") {
    CHECK(weir::distinct(&payment::merchant).name() == "distinct_merchant");
    CHECK(result_of(weir::distinct(&payment::merchant), three_payments()) == 2);
    CHECK(result_of(weir::distinct([](const payment& p) { return std::string_view{p.merchant}; }), three_payments()) ==
          2);
    CHECK(result_of(weir::distinct(&payment::merchant), {}) == 0);
}

TEST_CASE("distinct tells doubles apart as numbers", "[aggregates]") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(result_of(weir::distinct(&payment::amount), {{1, 0.0}, {1, -0.0}, {1, nan}, {1, -nan}, {1, 1.0}}) == 3);
}

TEST_CASE("a value is gone when its last record is", "[aggregates]") {
    const auto distinct = weir::distinct(&payment::card);
    auto state = distinct.create();
    for (const std::uint64_t card : {1U, 2U, 1U}) distinct.add(state, payment{.card = card});
    distinct.remove(state, payment{.card = 1});
    CHECK(distinct.result(state) == 2);
    distinct.remove(state, payment{.card = 1});
    CHECK(distinct.result(state) == 1);
    distinct.merge(state, state);
    distinct.remove(state, payment{.card = 2});
    CHECK(distinct.result(state) == 1);
    distinct.unmerge(state, state);
    CHECK(distinct.result(state) == 0);
}

// SPDX-License-Identifier: Apache-2.0
// How many.
#include <weir/aggregates/count.hpp>

#include <catch2/catch.hpp>

#include "payment.hpp"

namespace {
using namespace weir_test;
}  // namespace

TEST_CASE("count counts records", "[aggregates]") {
    CHECK(weir::count().name() == "count");
    CHECK(result_of(weir::count(), three_payments()) == 3);
    CHECK(result_of(weir::count(), {}) == 0);
    const auto count = weir::count();
    auto state = count.create();
    count.add(state, payment{});
    count.add(state, 7);  // any record
    count.remove(state, payment{});
    CHECK(count.result(state) == 1);
}

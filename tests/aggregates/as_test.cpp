// SPDX-License-Identifier: Apache-2.0
// A column of another name, otherwise the same aggregate.
#include <weir/aggregates/as.hpp>
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/last.hpp>
#include <weir/aggregates/plain_sum.hpp>
#include <weir/aggregates/sum.hpp>

#include <catch2/catch.hpp>
#include <type_traits>

#include "payment.hpp"

namespace {
using namespace weir_test;
}  // namespace

TEST_CASE("as gives a column its name", "[aggregates]") {
    CHECK(weir::as("spent", weir::sum(&payment::amount)).name() == "spent");
    CHECK(weir::as("again", weir::as("spent", weir::count())).name() == "again");
}

TEST_CASE("as changes nothing else", "[aggregates]") {
    const auto spent = weir::as("spent", weir::sum(&payment::amount));
    using spent_type = std::remove_const_t<decltype(spent)>;
    CHECK(result_of(spent, three_payments()) == 0.6);
    CHECK(result_of(weir::as("latest", weir::last(&payment::amount)), three_payments()) == 0.3);
    STATIC_REQUIRE(weir::commutes<spent_type>);
    STATIC_REQUIRE(weir::removable<spent_type, payment>);
    STATIC_REQUIRE_FALSE(weir::commutes<decltype(weir::as("s", weir::plain_sum(&payment::amount)))>);
}

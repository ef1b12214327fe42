// SPDX-License-Identifier: Apache-2.0
// The first value by (time, turn).
#include <weir/aggregates/first.hpp>

#include <catch2/catch.hpp>

#include "payment.hpp"

namespace {
using namespace weir_test;
}  // namespace

TEST_CASE("first goes by time, then by turn, not by arrival", "[aggregates]") {
    const auto first = weir::first(&payment::card);
    auto state = first.create();
    const auto arrive = [&](std::uint64_t card, int second, std::uint64_t offset) {
        weir::stamp at{weir::timestamp{std::chrono::seconds{second}}, {}};
        at.at.position = offset;
        first.add(state, payment{.card = card}, at);
    };
    arrive(10, 5, 1);
    arrive(11, 5, 0);
    arrive(12, 5, 2);
    CHECK(first.result(state) == 11);
    arrive(13, 4, 9);
    arrive(14, 6, 3);
    CHECK(first.result(state) == 13);
}

TEST_CASE("first of three payments and of none", "[aggregates]") {
    CHECK(weir::first(&payment::card).name() == "first_card");
    CHECK(result_of(weir::first(&payment::amount), three_payments()) == 0.1);
    CHECK(result_of(weir::first(&payment::merchant), {}).empty());
    STATIC_REQUIRE(weir::needs_stamp<decltype(weir::first(&payment::card)), payment>);
}

// SPDX-License-Identifier: Apache-2.0
// The last value by (time, turn).
#include <weir/aggregates/last.hpp>

#include <catch2/catch.hpp>

#include "payment.hpp"

namespace {
using namespace weir_test;
}  // namespace

TEST_CASE("last goes by time, then by turn, not by arrival", "[aggregates]") {
    const auto last = weir::last(&payment::card);
    auto state = last.create();
    const auto arrive = [&](std::uint64_t card, int second, std::uint64_t offset) {
        weir::stamp at{weir::timestamp{std::chrono::seconds{second}}, {}};
        at.at.position = offset;
        last.add(state, payment{.card = card}, at);
    };
    arrive(10, 5, 1);
    arrive(11, 5, 0);
    arrive(12, 5, 2);
    CHECK(last.result(state) == 12);
    arrive(13, 4, 9);
    arrive(14, 6, 3);
    CHECK(last.result(state) == 14);
}

TEST_CASE("last of three payments and of none", "[aggregates]") {
    CHECK(weir::last(&payment::card).name() == "last_card");
    CHECK(result_of(weir::last(&payment::amount), three_payments()) == 0.3);
    CHECK(result_of(weir::last(&payment::merchant), {}).empty());
    STATIC_REQUIRE(weir::needs_stamp<decltype(weir::last(&payment::card)), payment>);
}

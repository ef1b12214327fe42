// SPDX-License-Identifier: Apache-2.0
// The value of the record with the smallest key.
#include <weir/aggregates/min_by.hpp>

#include <catch2/catch.hpp>
#include <limits>

#include "samples.hpp"

namespace {
using namespace weir_test;
}  // namespace

TEST_CASE("min_by gives the value of the record with the smallest key", "[aggregates]") {
    const auto cheapest = weir::min_by(&payment::amount, &payment::merchant);
    CHECK(cheapest.name() == "min_by_amount_merchant");
    CHECK(weir::min_by([](const payment& p) { return p.amount; }, &payment::card).name() == "min_by_card");
    CHECK(result_of(cheapest, {{1, 2.5, "baker"}, {2, 7.5, "hotel"}, {3, 5.0, "shop"}}) == "baker");
    CHECK(result_of(cheapest, {{1, 2.5, "baker"}}) == "baker");
    CHECK(result_of(cheapest, {}).empty());
    CHECK(result_of(weir::min_by(&payment::merchant, &payment::points), three_payments()) == 3);
}

TEST_CASE("of equal keys min_by takes the earliest record", "[aggregates]") {
    const auto cheapest = weir::min_by(&payment::amount, &payment::card);
    auto state = cheapest.create();
    const auto arrive = [&](std::uint64_t card, int second, std::uint64_t offset) {
        weir::stamp at{weir::timestamp{std::chrono::seconds{second}}, {}};
        at.at.position = offset;
        cheapest.add(state, payment{.card = card, .amount = 1}, at);
    };
    arrive(1, 5, 2);
    arrive(2, 5, 1);
    CHECK(cheapest.result(state) == 2);
    arrive(3, 4, 9);
    arrive(4, 6, 0);
    CHECK(cheapest.result(state) == 3);
}

TEST_CASE("min_by goes by IEEE 754's total order", "[aggregates]") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto cheapest = weir::min_by(&payment::amount, &payment::card);
    CHECK(result_of(cheapest, {{1, -0.0}, {2, 0.0}}) == 1);
    CHECK(result_of(cheapest, {{1, std::numeric_limits<double>::infinity()}, {2, nan}, {3, 1.0}}) == 3);
    CHECK(result_of(cheapest, {{1, -std::numeric_limits<double>::infinity()}, {2, -nan}}) == 2);
}

TEST_CASE("min_by of a whole record", "[aggregates]") {
    const auto cheapest = weir::min_by(&payment::amount, [](const payment& p) { return p; });
    CHECK(result_of(cheapest, three_payments()).merchant == "bakery");
    CHECK(result_of(cheapest, three_payments()).amount == 0.1);
    STATIC_REQUIRE_FALSE(weir::removable<decltype(cheapest), payment>);
    STATIC_REQUIRE(weir::needs_stamp<std::remove_cv_t<decltype(cheapest)>, payment>);
    STATIC_REQUIRE_FALSE(weir::aggregate_for<std::remove_cv_t<decltype(cheapest)>, stamped_payment>);
}

TEST_CASE("min_by is what a sorted list of all records says", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 60U)));
    const auto list = random_payments(random, random() % 30);
    const auto best = weir::min_by(&payment::points, &payment::merchant);
    const auto sorted = in_turn(list);
    std::string expected;
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (const auto& [paid, at] : sorted) {
        if (paid.points >= least) continue;
        least = paid.points;
        expected = paid.merchant;
    }
    CHECK(result_in_parts(best, list, random) == expected);
}

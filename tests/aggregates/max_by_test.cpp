// SPDX-License-Identifier: Apache-2.0
// The value of the record with the largest key.
#include <weir/aggregates/max_by.hpp>

#include <catch2/catch.hpp>
#include <limits>

#include "samples.hpp"

namespace {
using namespace weir_test;
}  // namespace

TEST_CASE("max_by gives the value of the record with the largest key", "[aggregates]") {
    const auto dearest = weir::max_by(&payment::amount, &payment::merchant);
    CHECK(dearest.name() == "max_by_amount_merchant");
    CHECK(weir::max_by([](const payment& p) { return p.amount; }, &payment::card).name() == "max_by_card");
    CHECK(result_of(dearest, {{1, 2.5, "baker"}, {2, 7.5, "hotel"}, {3, 5.0, "shop"}}) == "hotel");
    CHECK(result_of(dearest, {{1, 2.5, "baker"}}) == "baker");
    CHECK(result_of(dearest, {}).empty());
    CHECK(result_of(weir::max_by(&payment::merchant, &payment::points), three_payments()) == -4);
}

TEST_CASE("of equal keys max_by takes the earliest record", "[aggregates]") {
    const auto dearest = weir::max_by(&payment::amount, &payment::card);
    auto state = dearest.create();
    const auto arrive = [&](std::uint64_t card, int second, std::uint64_t offset) {
        weir::stamp at{weir::timestamp{std::chrono::seconds{second}}, {}};
        at.at.position = offset;
        dearest.add(state, payment{.card = card, .amount = 1}, at);
    };
    arrive(1, 5, 2);
    arrive(2, 5, 1);
    CHECK(dearest.result(state) == 2);
    arrive(3, 4, 9);
    arrive(4, 6, 0);
    CHECK(dearest.result(state) == 3);
}

TEST_CASE("max_by goes by IEEE 754's total order", "[aggregates]") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto dearest = weir::max_by(&payment::amount, &payment::card);
    CHECK(result_of(dearest, {{1, -0.0}, {2, 0.0}}) == 2);
    CHECK(result_of(dearest, {{1, std::numeric_limits<double>::infinity()}, {2, nan}, {3, 1.0}}) == 2);
    CHECK(result_of(dearest, {{1, -std::numeric_limits<double>::infinity()}, {2, -nan}}) == 1);
}

TEST_CASE("max_by of a whole record", "[aggregates]") {
    const auto dearest = weir::max_by(&payment::amount, [](const payment& p) { return p; });
    CHECK(result_of(dearest, three_payments()).merchant == "bakery");
    CHECK(result_of(dearest, three_payments()).amount == 0.3);
    STATIC_REQUIRE_FALSE(weir::removable<decltype(dearest), payment>);
    STATIC_REQUIRE(weir::needs_stamp<std::remove_cv_t<decltype(dearest)>, payment>);
    STATIC_REQUIRE_FALSE(weir::aggregate_for<std::remove_cv_t<decltype(dearest)>, stamped_payment>);
}

TEST_CASE("max_by is what a sorted list of all records says", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 60U)));
    const auto list = random_payments(random, random() % 30);
    const auto best = weir::max_by(&payment::points, &payment::merchant);
    const auto sorted = in_turn(list);
    std::string expected;
    std::int64_t most = std::numeric_limits<std::int64_t>::min();
    for (const auto& [paid, at] : sorted) {
        if (paid.points <= most) continue;
        most = paid.points;
        expected = paid.merchant;
    }
    CHECK(result_in_parts(best, list, random) == expected);
}

// SPDX-License-Identifier: Apache-2.0
// The k smallest values.
#include <weir/aggregates/bottom_k.hpp>

#include <catch2/catch.hpp>
#include <functional>

#include "ranking.hpp"

namespace {
using namespace weir_test;
using pairs = std::vector<std::pair<std::int64_t, std::string>>;
}  // namespace

TEST_CASE("bottom_k keeps the k smallest values, the smallest first", "[aggregates]") {
    const auto two = weir::bottom_k(2, &payment::amount);
    CHECK(two.name() == "bottom_2_amount");
    CHECK(result_of(two, three_payments()) == std::vector<double>{0.1, 0.2});
    CHECK(result_of(two, {{1, 4.0}}) == std::vector<double>{4.0});
    CHECK(result_of(two, {}).empty());
    const auto named = weir::bottom_k(2, &payment::points, &payment::merchant);
    CHECK(named.name() == "bottom_2_points_merchant");
    CHECK(result_of(named, three_payments()) == pairs{{-4, "bookshop"}, {3, "bakery"}});
    CHECK(result_of(named, {}).empty());
}

TEST_CASE("bottom_k(0, ...) is refused", "[aggregates]") {
    CHECK_THROWS_WITH(weir::bottom_k(0, &payment::amount), "bottom_k(0, ...) keeps nothing: give it at least 1");
    CHECK_THROWS_WITH(weir::bottom_k(0, &payment::amount, &payment::card),
                      "bottom_k(0, ...) keeps nothing: give it at least 1");
}

TEST_CASE("bottom_k says in schemas how many it keeps", "[aggregates]") {
    CHECK(weir::bottom_k(3, &payment::amount).state_tag() == "top<3,list<f64>>");
    CHECK(weir::bottom_k(3, &payment::amount, &payment::merchant).state_tag() == "top<3,list<stamped<f64,text>>>");
    STATIC_REQUIRE_FALSE(weir::removable<decltype(weir::bottom_k(2, &payment::amount)), payment>);
}

TEST_CASE("bottom_k is what a sorted list of all records says", "[aggregates]") {
    check_ranking(GENERATE(range(1U, 80U)), [](std::size_t k) { return weir::bottom_k(k, &payment::amount); },
                  [](std::size_t k) { return weir::bottom_k(k, &payment::amount, &payment::merchant); },
                  std::less<>{});
}

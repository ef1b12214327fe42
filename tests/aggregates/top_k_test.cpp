// SPDX-License-Identifier: Apache-2.0
// The k largest values.
#include <weir/aggregates/top_k.hpp>

#include <catch2/catch.hpp>
#include <functional>

#include "ranking.hpp"

namespace {
using namespace weir_test;
using pairs = std::vector<std::pair<std::int64_t, std::string>>;
}  // namespace

TEST_CASE("top_k keeps the k largest values, the largest first", "[aggregates]") {
    const auto two = weir::top_k(2, &payment::amount);
    CHECK(two.name() == "top_2_amount");
    CHECK(result_of(two, three_payments()) == std::vector<double>{0.3, 0.2});
    CHECK(result_of(two, {{1, 4.0}}) == std::vector<double>{4.0});
    CHECK(result_of(two, {}).empty());
    const auto named = weir::top_k(2, &payment::points, &payment::merchant);
    CHECK(named.name() == "top_2_points_merchant");
    CHECK(result_of(named, three_payments()) == pairs{{3, "bakery"}, {3, "bakery"}});
    CHECK(result_of(named, {}).empty());
}

TEST_CASE("top_k(0, ...) is refused", "[aggregates]") {
    CHECK_THROWS_WITH(weir::top_k(0, &payment::amount), "top_k(0, ...) keeps nothing: give it at least 1");
    CHECK_THROWS_WITH(weir::top_k(0, &payment::amount, &payment::card),
                      "top_k(0, ...) keeps nothing: give it at least 1");
}

TEST_CASE("top_k says in schemas how many it keeps", "[aggregates]") {
    CHECK(weir::top_k(3, &payment::amount).state_tag() == "top<3,list<f64>>");
    CHECK(weir::top_k(3, &payment::amount, &payment::merchant).state_tag() == "top<3,list<stamped<f64,text>>>");
    STATIC_REQUIRE_FALSE(weir::removable<decltype(weir::top_k(2, &payment::amount)), payment>);
}

TEST_CASE("top_k is what a sorted list of all records says", "[aggregates]") {
    check_ranking(GENERATE(range(1U, 80U)), [](std::size_t k) { return weir::top_k(k, &payment::amount); },
                  [](std::size_t k) { return weir::top_k(k, &payment::amount, &payment::merchant); },
                  std::greater<>{});
}

// SPDX-License-Identifier: Apache-2.0
// The k largest values.
#include <weir/aggregates/top_k.hpp>

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "samples.hpp"

namespace {
using namespace weir_test;
using pairs = std::vector<std::pair<std::int64_t, std::string>>;

// IEEE 754's total order, written down once more.
std::int64_t place(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const auto magnitude = static_cast<std::int64_t>(bits & ~(std::uint64_t{1} << 63));
    return (bits >> 63) != 0 ? -1 - magnitude : magnitude;
}
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
    std::mt19937_64 random(GENERATE(range(1U, 80U)));
    const auto list = random_payments(random, random() % 40, true);
    const std::size_t k = 1 + random() % 8;
    auto sorted = list;
    std::sort(sorted.begin(), sorted.end(), [](const auto& left, const auto& right) {
        const std::int64_t mine = place(left.paid.amount);
        const std::int64_t other = place(right.paid.amount);
        return mine != other ? mine > other : earlier(left, right);
    });
    const auto values = result_in_parts(weir::top_k(k, &payment::amount), list, random);
    const auto paired = result_in_parts(weir::top_k(k, &payment::amount, &payment::merchant), list, random);
    REQUIRE(values.size() == std::min(k, list.size()));
    REQUIRE(paired.size() == values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        CHECK(place(values[i]) == place(sorted[i].paid.amount));
        CHECK(place(paired[i].first) == place(sorted[i].paid.amount));
        CHECK(paired[i].second == sorted[i].paid.merchant);
    }
}

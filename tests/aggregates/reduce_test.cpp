// SPDX-License-Identifier: Apache-2.0
// A monoid of the user's.
#include <weir/aggregates/reduce.hpp>

#include <catch2/catch.hpp>
#include <numeric>

#include "samples.hpp"

namespace {
using namespace weir_test;

const auto joined = [](const std::string& all, const std::string& next) { return all + next; };
const auto appended = [](std::string& all, const std::string& next) { all += next; };
const auto divisor = [](std::uint64_t left, std::uint64_t right) { return std::gcd(left, right); };
}  // namespace

TEST_CASE("reduce joins values in order", "[aggregates]") {
    const auto all = weir::reduce(&payment::merchant, std::string{}, joined);
    CHECK(all.name() == "reduce_merchant");
    CHECK(result_of(all, three_payments()) == "bakerybookshopbakery");
    CHECK(result_of(all, {}).empty());
    CHECK(result_of(weir::reduce(&payment::merchant, std::string{}, appended), three_payments()) ==
          "bakerybookshopbakery");
    auto left = all.create();
    auto right = all.create();
    all.add(left, three_payments()[0]);
    all.add(right, three_payments()[1]);
    all.merge(left, right);
    CHECK(all.result(left) == "bakerybookshop");
}

TEST_CASE("a reduction is order-sensitive unless the user says otherwise", "[aggregates]") {
    const auto one = weir::reduce(&payment::card, std::uint64_t{0}, divisor);
    STATIC_REQUIRE_FALSE(weir::commutes<std::remove_cv_t<decltype(one)>>);
    const auto either = weir::commuting(one);
    STATIC_REQUIRE(weir::commutes<std::remove_cv_t<decltype(either)>>);
    CHECK(either.name() == "reduce_card");
    CHECK(result_of(either, {{12}, {18}}) == 6);
    STATIC_REQUIRE_FALSE(weir::aggregate_for<std::remove_cv_t<decltype(one)>, stamped_payment>);
}

TEST_CASE("a commuting reduction does not show how records were split", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 30U)));
    const auto list = random_payments(random, random() % 30);
    std::uint64_t expected = 0;
    for (const auto& [paid, at] : list) expected = std::gcd(expected, paid.card);
    CHECK(result_in_parts(weir::commuting(weir::reduce(&payment::card, std::uint64_t{0}, divisor)), list, random) ==
          expected);
}

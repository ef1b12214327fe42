// SPDX-License-Identifier: Apache-2.0
// The values that occur most often.
#include <weir/aggregates/most_frequent.hpp>

#include <catch2/catch.hpp>
#include <limits>
#include <map>
#include <string_view>

#include "samples.hpp"

namespace {
using namespace weir_test;
using counted = std::vector<std::pair<std::string, std::uint64_t>>;

counted expected_of(const std::vector<stamped_payment>& list, std::size_t k) {
    std::map<std::string, std::uint64_t> counts;
    for (const auto& [paid, at] : list) ++counts[paid.merchant];
    counted sorted(counts.begin(), counts.end());
    std::sort(sorted.begin(), sorted.end(), [](const auto& left, const auto& right) {
        return left.second != right.second ? left.second > right.second : left.first < right.first;
    });
    sorted.resize(std::min(k, sorted.size()));
    return sorted;
}
}  // namespace

TEST_CASE("most_frequent names the values that occur most often", "[aggregates]") {
    const auto two = weir::most_frequent(2, &payment::merchant);
    CHECK(two.name() == "most_frequent_merchant");
    CHECK(result_of(two, three_payments()) == counted{{"bakery", 2}, {"bookshop", 1}});
    CHECK(result_of(weir::most_frequent(1, &payment::merchant), three_payments()) == counted{{"bakery", 2}});
    CHECK(result_of(two, {}).empty());
    CHECK(result_of(weir::most_frequent(1, [](const payment& p) { return std::string_view{p.merchant}; }),
                    three_payments()) == counted{{"bakery", 2}});
    CHECK_THROWS_WITH(weir::most_frequent(0, &payment::card),
                      "most_frequent(0, ...) keeps nothing: give it at least 1");
}

TEST_CASE("most_frequent tells doubles apart as numbers", "[aggregates]") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto result = result_of(weir::most_frequent(1, &payment::amount), {{1, 0.0}, {1, -0.0}, {1, nan}, {1, 1.0}});
    CHECK(result == std::vector<std::pair<double, std::uint64_t>>{{0.0, 2}});
    CHECK(result_of(weir::most_frequent(1, &payment::amount), {{1, nan}, {1, -nan}, {1, 1.0}}).front().second == 2);
}

TEST_CASE("most_frequent is what a count of everything says, also when records are taken back", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 80U)));
    auto list = random_payments(random, random() % 80);
    const std::size_t k = 1 + random() % 14;
    const auto frequent = weir::most_frequent(k, &payment::merchant);
    CHECK(result_in_parts(frequent, list, random) == expected_of(list, k));
    auto state = frequent.create();
    for (const auto& [paid, at] : list) frequent.add(state, paid);
    while (!list.empty()) {
        frequent.remove(state, list.back().paid);
        list.pop_back();
        CHECK(frequent.result(state) == expected_of(list, k));
    }
}

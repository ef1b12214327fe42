// SPDX-License-Identifier: Apache-2.0
// What top_k and bottom_k have in common: both are the beginning of a sorted list of all records.
#pragma once
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cstdint>

#include "samples.hpp"

namespace weir_test {

// IEEE 754's total order, written down once more.
inline std::int64_t place_in_order(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const auto magnitude = static_cast<std::int64_t>(bits & ~(std::uint64_t{1} << 63));
    return (bits >> 63) != 0 ? -1 - magnitude : magnitude;
}

// `values(k)` keeps amounts, `paired(k)` amounts with merchants. before(one, other) is asked of places.
template <class Values, class Paired, class Before>
void check_ranking(std::uint64_t seed, Values values_of, Paired paired_of, Before before) {
    std::mt19937_64 random(seed);
    const auto list = random_payments(random, random() % 40, true);
    const std::size_t k = 1 + random() % 8;
    auto sorted = list;
    std::sort(sorted.begin(), sorted.end(), [&](const auto& left, const auto& right) {
        const std::int64_t mine = place_in_order(left.paid.amount);
        const std::int64_t other = place_in_order(right.paid.amount);
        return mine != other ? before(mine, other) : earlier(left, right);
    });
    const auto values = result_in_parts(values_of(k), list, random);
    const auto paired = result_in_parts(paired_of(k), list, random);
    REQUIRE(values.size() == std::min(k, list.size()));
    REQUIRE(paired.size() == values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        CHECK(place_in_order(values[i]) == place_in_order(sorted[i].paid.amount));
        CHECK(place_in_order(paired[i].first) == place_in_order(sorted[i].paid.amount));
        CHECK(paired[i].second == sorted[i].paid.merchant);
    }
}

}  // namespace weir_test

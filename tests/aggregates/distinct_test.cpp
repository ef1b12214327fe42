// SPDX-License-Identifier: Apache-2.0
// How many different values.
#include <weir/aggregates/distinct.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <string_view>

#include "payment.hpp"

namespace {
using namespace weir_test;
}  // namespace

TEST_CASE("distinct counts different values", "[aggregates]") {
    CHECK(weir::distinct(&payment::merchant).name() == "distinct_merchant");
    CHECK(result_of(weir::distinct(&payment::merchant), three_payments()) == 2);
    CHECK(result_of(weir::distinct([](const payment& p) { return std::string_view{p.merchant}; }), three_payments()) ==
          2);
    CHECK(result_of(weir::distinct(&payment::merchant), {}) == 0);
}

TEST_CASE("distinct tells doubles apart as numbers", "[aggregates]") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(result_of(weir::distinct(&payment::amount), {{1, 0.0}, {1, -0.0}, {1, nan}, {1, -nan}, {1, 1.0}}) == 3);
}

TEST_CASE("a value is gone when its last record is", "[aggregates]") {
    const auto distinct = weir::distinct(&payment::card);
    auto state = distinct.create();
    for (const std::uint64_t card : {1U, 2U, 1U}) distinct.add(state, payment{.card = card});
    distinct.remove(state, payment{.card = 1});
    CHECK(distinct.result(state) == 2);
    distinct.remove(state, payment{.card = 1});
    CHECK(distinct.result(state) == 1);
    distinct.merge(state, state);
    distinct.remove(state, payment{.card = 2});
    CHECK(distinct.result(state) == 1);
    distinct.unmerge(state, state);
    CHECK(distinct.result(state) == 0);
}

TEST_CASE("distinct holds few values and many, and goes from one to the other and back", "[aggregates]") {
    const std::uint64_t seed = GENERATE(range(1U, 7U));
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto distinct = weir::distinct(&payment::merchant);
    auto state = distinct.create();
    std::map<std::string, std::uint64_t> oracle;
    const auto one = [&](std::uint64_t most) {
        return payment{.merchant = "a merchant whose name is long, number " + std::to_string(random() % most)};
    };
    for (int phase = 0; phase < 12; ++phase) {
        for (auto left = random() % 40; left > 0; --left) {
            const payment added = one(phase % 3 == 0 ? 5 : 30);
            distinct.add(state, added);
            ++oracle[added.merchant];
        }
        auto other = distinct.create();
        for (auto left = random() % 20; left > 0; --left) distinct.add(other, one(20));
        auto both = state;
        distinct.merge(both, other);
        CHECK(distinct.result(both) >= distinct.result(state));
        distinct.unmerge(both, other);
        weir::binary_writer first;
        state.save(first);
        weir::binary_writer second;
        both.save(second);
        CHECK(std::ranges::equal(first.bytes(), second.bytes()));
        weir::binary_reader reader(first.bytes());
        state = distinct.create();
        state.load(reader);
        CHECK(distinct.result(state) == oracle.size());
        const bool all = phase % 4 == 3;
        while (!oracle.empty() && (all || random() % 30 != 0)) {
            const auto gone = std::next(oracle.begin(), static_cast<std::ptrdiff_t>(random() % oracle.size()));
            distinct.remove(state, payment{.merchant = gone->first});
            if (--gone->second == 0) oracle.erase(gone);
            REQUIRE(distinct.result(state) == oracle.size());
        }
    }
}

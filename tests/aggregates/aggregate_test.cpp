// SPDX-License-Identifier: Apache-2.0
// What the concept accepts.
#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/first.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/record/binary.hpp>

#include <catch2/catch.hpp>

#include "payment.hpp"

namespace {
using namespace weir_test;

struct longest {  // the length of the longest merchant's name
    using state_type = std::uint64_t;
    [[nodiscard]] state_type create() const { return 0; }
    void add(state_type& state, const payment& paid) const {
        if (state < paid.merchant.size()) state = paid.merchant.size();
    }
    void merge(state_type& state, const state_type& other) const {
        if (state < other) state = other;
    }
    [[nodiscard]] std::uint64_t result(const state_type& state) const { return state; }
    [[nodiscard]] std::string name() const { return "longest_merchant"; }
};

struct nameless {
    using state_type = int;
    [[nodiscard]] int create() const { return 0; }
    void add(int&, const payment&) const {}
    void merge(int&, const int&) const {}
    [[nodiscard]] int result(const int&) const { return 0; }
};

}  // namespace

TEST_CASE("the concept knows what an aggregate is", "[aggregates]") {
    using sum = decltype(weir::sum(&payment::amount));
    using first = decltype(weir::first(&payment::amount));
    STATIC_REQUIRE(weir::aggregate_for<sum, payment>);
    STATIC_REQUIRE(weir::aggregate_for<first, payment>);
    STATIC_REQUIRE(weir::aggregate_for<longest, payment>);
    STATIC_REQUIRE_FALSE(weir::aggregate_for<nameless, payment>);
    STATIC_REQUIRE_FALSE(weir::aggregate_for<int, payment>);
    STATIC_REQUIRE_FALSE(weir::aggregate_for<sum, int>);
    weir::require_aggregate<longest, payment>();
}

TEST_CASE("what an aggregate can is known when the program is compiled", "[aggregates]") {
    using sum = decltype(weir::sum(&payment::amount));
    using first = decltype(weir::first(&payment::amount));
    STATIC_REQUIRE(weir::needs_stamp<first, payment>);
    STATIC_REQUIRE_FALSE(weir::needs_stamp<sum, payment>);
    STATIC_REQUIRE(weir::removable<sum, payment>);
    STATIC_REQUIRE(weir::unmergeable<sum>);
    STATIC_REQUIRE_FALSE(weir::removable<first, payment>);
    STATIC_REQUIRE_FALSE(weir::unmergeable<first>);
    STATIC_REQUIRE(weir::commutes<sum>);
    STATIC_REQUIRE_FALSE(weir::commutes<longest>);  // who does not say is order-sensitive
    STATIC_REQUIRE(weir::storable<sum::state_type>);
    STATIC_REQUIRE(weir::storable<first::state_type>);
}

TEST_CASE("a user's aggregate is used like a built-in one", "[aggregates]") {
    CHECK(result_of(longest{}, three_payments()) == 8);
}

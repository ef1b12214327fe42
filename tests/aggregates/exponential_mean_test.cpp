// SPDX-License-Identifier: Apache-2.0
// Means with weights that halve with age.
#include <weir/aggregates/exponential_mean.hpp>

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <limits>

#include "samples.hpp"

namespace {
using namespace weir_test;
using namespace std::chrono_literals;
constexpr double infinity = std::numeric_limits<double>::infinity();

// result_of lets a second pass between two records.
double mean_of(weir::duration half_life, const std::vector<double>& amounts) {
    std::vector<payment> list;
    for (const double amount : amounts) list.push_back({1, amount});
    return result_of(weir::exponential_mean(&payment::amount, half_life), list);
}
}  // namespace

TEST_CASE("a record counts half as much as one that is a half-life younger", "[aggregates]") {
    CHECK(weir::exponential_mean(&payment::amount, 5min).name() == "exponential_mean_amount");
    CHECK(weir::exponential_mean(&payment::amount, 5min).state_tag() == "decaying_sums<300000000000>");
    CHECK(mean_of(1s, {6.0, 3.0}) == (6.0 + 2 * 3.0) / 3);
    CHECK(mean_of(1s, {7.0, 0.0, 0.0}) == 1.0);
    CHECK(mean_of(2s, {1.0, 0.0, 1.0}) == (1 + 2) / (1 + 2 + std::sqrt(2.0)));
    CHECK(mean_of(1h, {5.0}) == 5.0);
    CHECK(std::isnan(mean_of(1h, {})));
    CHECK(result_of(weir::exponential_mean(&payment::points, 1s), three_payments()) == (3.0 - 2 * 4 + 4 * 3) / 7);
}

TEST_CASE("half-lives must be above zero", "[aggregates]") {
    CHECK_THROWS_WITH(weir::exponential_mean(&payment::amount, 0s), "exponential_mean needs a half-life above zero");
    CHECK_THROWS_AS(weir::exponential_mean(&payment::amount, -1s), weir::error);
}

TEST_CASE("odd values of exponential means", "[aggregates]") {
    CHECK(mean_of(1s, {infinity, 1.0}) == infinity);
    CHECK(mean_of(1s, {1.0, -infinity}) == -infinity);
    CHECK(std::isnan(mean_of(1s, {infinity, -infinity, 1.0})));
    CHECK(std::isnan(mean_of(1s, {1.0, std::nan(""), 1.0})));
    constexpr double largest = std::numeric_limits<double>::max();
    CHECK(mean_of(1s, {largest, largest, largest}) == largest);
    CHECK(mean_of(1s, {largest, -largest / 2}) == 0.0);
}

TEST_CASE("what is 1,024 half-lives old is left out, whoever came first", "[aggregates]") {
    const auto mean = weir::exponential_mean(&payment::amount, 1s);
    const auto add = [&](auto& state, double amount, std::int64_t second) {
        mean.add(state, payment{.amount = amount}, {weir::timestamp{std::chrono::seconds{second}}, {}});
    };
    for (const bool old_first : {true, false}) {
        auto state = mean.create();
        if (old_first) add(state, 1e300, 0);
        add(state, 1.0, 1024);
        if (!old_first) add(state, 1e300, 0);
        CHECK(mean.result(state) == 1.0);
        add(state, 1e300, 1);
        CHECK(mean.result(state) == 1.0 + 1e300 * std::ldexp(1.0, -1023));
    }
    auto far = mean.create();
    mean.add(far, payment{.amount = 1}, {weir::time_lowest, {}});
    mean.add(far, payment{.amount = 2}, {weir::time_highest, {}});
    CHECK(mean.result(far) == 2.0);
}

TEST_CASE("weights are powers of two to 59 bits", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 20U)));
    for (int i = 0; i < 200; ++i) {
        const weir::duration half_life{1 + static_cast<std::int64_t>(random() >> (1 + random() % 62))};
        const weir::timestamp time{weir::duration{static_cast<std::int64_t>(random())}};
        const auto weight = weir::detail::decay_weight_of(time, half_life);
        const std::int64_t ticks = time.time_since_epoch().count();
        std::int64_t rest = ticks % half_life.count();
        if (rest < 0) rest += half_life.count();
        const long double exact =
            std::exp2(static_cast<long double>(rest) / static_cast<long double>(half_life.count()));
        const long double got = std::ldexp(static_cast<long double>(weight.fraction), -63);
        REQUIRE(std::fabs(got / exact - 1) < std::ldexp(1.0L, -59));
        REQUIRE(weight.doublings == ticks / half_life.count() - (ticks % half_life.count() < 0 ? 1 : 0));
    }
}

TEST_CASE("exponential means are those of long doubles, in any order and parts", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 60U)));
    auto list = random_payments(random, 1 + random() % 40);
    for (auto& each : list) each.at.time = weir::timestamp{std::chrono::milliseconds{random() % 20'000}};
    long double terms = 0;
    long double weights = 0;
    for (const auto& [paid, at] : list) {
        const auto age = std::chrono::duration<long double>(at.time.time_since_epoch()).count() / 3;
        terms += static_cast<long double>(paid.points) * std::exp2(age);
        weights += std::exp2(age);
    }
    const double mean = result_in_parts(weir::exponential_mean(&payment::points, 3s), list, random);
    CHECK(mean == Approx(static_cast<double>(terms / weights)).epsilon(1e-14).margin(1e-14));
}

TEST_CASE("damaged sums of exponential means are refused", "[aggregates]") {
    const auto refused = [](const std::vector<std::pair<std::int64_t, std::uint64_t>>& weights) {
        weir::binary_writer writer;
        for (int i = 0; i < 3; ++i) writer.write_fixed(std::uint64_t{0});
        writer.write_count(weights.size());
        for (const auto& [doublings, weight] : weights) {
            writer.write_fixed(doublings);
            writer.write_fixed(weight);
            writer.write_fixed(std::uint64_t{0});
            writer.write_fixed(std::uint8_t{0});
        }
        weir::binary_reader reader(writer.bytes());
        weir::detail::decaying_sums state;
        try {
            state.load(reader);
        } catch (const weir::error& error) {
            return error.kind() == weir::error_kind::state;
        }
        return false;
    };
    CHECK_FALSE(refused({{-3, 1}, {7, 1}}));
    CHECK(refused({{7, 1}, {7, 1}}));
    CHECK(refused({{7, 0}}));
    CHECK(refused({{0, 1}, {1024, 1}}));
}

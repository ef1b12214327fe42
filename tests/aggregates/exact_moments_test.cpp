// SPDX-License-Identifier: Apache-2.0
// exact_moments against whole-number arithmetic, and named variances.
#include <weir/aggregates/exact_moments.hpp>

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <string>

#include <weir/record/binary.hpp>

#include "nearest_double.hpp"

namespace {

using namespace weir_test;

weir::exact_moments moments_of(const std::vector<double>& values) {
    weir::exact_moments moments;
    for (const double value : values) moments.add(value);
    return moments;
}
std::string bytes_of(const weir::exact_moments& moments) {
    weir::binary_writer writer;
    weir::save(writer, moments);
    return std::string{writer.text()};
}
// n * Sxx - Sx^2 in units of 2^-2200.
big_integer exact_numerator(const std::vector<double>& values) {
    big_integer sum = 0;
    big_integer squares = 0;
    for (const double value : values) {
        const big_integer integer = scaled(value, unit_exponent / 2);
        sum += integer;
        squares += integer * integer;
    }
    return squares * values.size() - sum * sum;
}
std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

}  // namespace

TEST_CASE("a variance is the double nearest to the true one", "[aggregates]") {
    const auto seed = static_cast<std::uint64_t>(GENERATE(take(3, random(1, 1'000'000))));
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    for (const flavour kind : all_flavours) {
        CAPTURE(static_cast<int>(kind));
        for (int round = 0; round < 40; ++round) {
            auto values = random_values(random, kind, 2 + random() % 30);
            const auto moments = moments_of(values);
            const big_integer numerator = exact_numerator(values);
            const big_integer count = values.size();
            CAPTURE(values);
            REQUIRE(is_nearest(numerator, count * (count - 1), moments.variance().value()));
            REQUIRE(is_nearest(numerator, count * count, moments.population_variance().value()));

            std::shuffle(values.begin(), values.end(), random);
            const auto cut = static_cast<std::ptrdiff_t>(random() % values.size());
            auto left = moments_of({values.begin(), values.begin() + cut});
            const auto right = moments_of({values.begin() + cut, values.end()});
            const auto before = bytes_of(left);
            left.merge(right);
            REQUIRE(bits(left.variance().value()) == bits(moments.variance().value()));
            REQUIRE(bytes_of(left) == bytes_of(moments));
            left.subtract(right);
            REQUIRE(bytes_of(left) == before);
        }
    }
}

TEST_CASE("spilling does not change a variance", "[aggregates]") {
    std::mt19937_64 random(3);
    for (const flavour kind : all_flavours) {
        const auto values = random_values(random, kind, 25);
        const auto plain = moments_of(values);
        auto wide = moments_of({1e300, 1e-300});
        CHECK(wide.spilled());
        for (const double value : values) wide.add(value);
        wide.subtract(1e-300);
        wide.subtract(1e300);
        CHECK(bits(wide.variance().value()) == bits(plain.variance().value()));
        CHECK(bytes_of(wide) == bytes_of(plain));
        for (const double value : values) wide.subtract(value);
        CHECK_FALSE(wide.spilled());
    }
}

TEST_CASE("a sliding variance follows values that drift over the whole range", "[aggregates]") {
    std::mt19937_64 random(17);
    weir::exact_moments sliding;
    std::vector<double> present;
    for (int exponent = -1070; exponent < 1020; ++exponent) {
        present.push_back(std::ldexp(std::uniform_real_distribution(-2.0, 2.0)(random), exponent));
        sliding.add(present.back());
        const std::size_t width = 1 + random() % 70;
        while (present.size() > width) {
            sliding.subtract(present.front());
            present.erase(present.begin());
        }
        REQUIRE(bits(sliding.population_variance().value()) == bits(moments_of(present).population_variance().value()));
        REQUIRE(bytes_of(sliding) == bytes_of(moments_of(present)));
    }
}

TEST_CASE("beyond 2^32 values the divisor leaves 64 bits", "[aggregates]") {
    std::mt19937_64 random(9);
    auto values = random_values(random, flavour::money, 3);
    auto moments = moments_of(values);
    big_integer sum = 0;
    big_integer squares = 0;
    for (const double value : values) {
        const big_integer integer = scaled(value, unit_exponent / 2);
        sum += integer;
        squares += integer * integer;
    }
    big_integer count = 3;
    for (int doubling = 0; doubling < 55; ++doubling) {
        moments.merge(moments);
        sum *= 2;
        squares *= 2;
        count *= 2;
        CAPTURE(doubling);
        REQUIRE(is_nearest(squares * count - sum * sum, count * (count - 1), moments.variance().value()));
    }
}

TEST_CASE("named variances", "[aggregates]") {
    CHECK(moments_of({}).variance() == std::nullopt);
    CHECK(moments_of({}).population_variance() == std::nullopt);
    CHECK(moments_of({4}).variance() == std::nullopt);
    CHECK(moments_of({4}).population_variance() == 0.0);
    CHECK(moments_of({0, -0.0, 0}).variance() == 0.0);
    CHECK(moments_of({1, 2, 3, 4}).population_variance() == 1.25);
    CHECK(moments_of({1, 2, 3, 4}).variance() == 5.0 / 3.0);
    // Where the textbook formula in doubles gives anything, even a negative number.
    CHECK(moments_of({1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}).variance() == 30.0);
    CHECK(moments_of({1e300, -1e300}).variance() == std::numeric_limits<double>::infinity());
    CHECK(moments_of({1e-200, 0}).variance() == 0.0);
    CHECK(std::isnan(*moments_of({1, std::numeric_limits<double>::infinity()}).variance()));
    CHECK(sizeof(weir::exact_moments) == 64);
}

// SPDX-License-Identifier: Apache-2.0
// exact_sum against whole-number arithmetic, and named examples.
#include <weir/aggregates/exact_sum.hpp>

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <string>

#include <weir/record/binary.hpp>

#include "nearest_double.hpp"

namespace {

using namespace weir_test;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double largest = std::numeric_limits<double>::max();
constexpr double smallest = std::numeric_limits<double>::denorm_min();

weir::exact_sum sum_of(const std::vector<double>& values) {
    weir::exact_sum sum;
    for (const double value : values) sum.add(value);
    return sum;
}
std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }
std::string bytes_of(const weir::exact_sum& sum) {
    weir::binary_writer writer;
    weir::save(writer, sum);
    return std::string{writer.text()};
}

}  // namespace

TEST_CASE("an exact sum is the double nearest to the true sum", "[aggregates]") {
    const auto seed = static_cast<std::uint64_t>(GENERATE(take(3, random(1, 1'000'000))));
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    for (const flavour kind : all_flavours) {
        CAPTURE(static_cast<int>(kind));
        for (int round = 0; round < 60; ++round) {
            auto values = random_values(random, kind, random() % 40);
            big_integer exact = 0;
            for (const double value : values) exact += scaled(value);
            const auto sum = sum_of(values);
            CAPTURE(values);
            REQUIRE(is_nearest(exact, 1, sum.value()));
            REQUIRE((exact != 0 || bits(sum.value()) == 0));

            std::shuffle(values.begin(), values.end(), random);
            const std::size_t cut = values.empty() ? 0 : random() % values.size();
            auto left = sum_of({values.begin(), values.begin() + static_cast<std::ptrdiff_t>(cut)});
            const auto right = sum_of({values.begin() + static_cast<std::ptrdiff_t>(cut), values.end()});
            const auto before = bytes_of(left);
            left.merge(right);
            REQUIRE(bits(left.value()) == bits(sum.value()));
            REQUIRE(bytes_of(left) == bytes_of(sum));
            left.subtract(right);
            REQUIRE(bytes_of(left) == before);
        }
    }
}

TEST_CASE("spilling does not change an exact sum", "[aggregates]") {
    std::mt19937_64 random(7);
    for (const flavour kind : all_flavours) {
        const auto values = random_values(random, kind, 30);
        const auto plain = sum_of(values);
        weir::exact_sum wide;
        wide.add(largest);
        wide.add(smallest);
        CHECK(wide.spilled());
        for (const double value : values) wide.add(value);
        wide.subtract(smallest);
        wide.subtract(largest);
        CHECK(bits(wide.value()) == bits(plain.value()));
        CHECK(bytes_of(wide) == bytes_of(plain));
        for (const double value : values) wide.subtract(value);
        CHECK_FALSE(wide.spilled());
    }
}

TEST_CASE("a sliding sum follows values that drift over the whole range", "[aggregates]") {
    std::mt19937_64 random(17);
    weir::exact_sum sliding;
    std::vector<double> present;
    for (int exponent = -1070; exponent < 1020; ++exponent) {
        present.push_back(std::ldexp(std::uniform_real_distribution(-2.0, 2.0)(random), exponent));
        sliding.add(present.back());
        const std::size_t width = 1 + random() % 70;
        while (present.size() > width) {
            sliding.subtract(present.front());
            present.erase(present.begin());
        }
        REQUIRE(bits(sliding.value()) == bits(sum_of(present).value()));
        REQUIRE(bytes_of(sliding) == bytes_of(sum_of(present)));
    }
}

TEST_CASE("ordinary money stays in the window", "[aggregates]") {
    std::mt19937_64 random(11);
    weir::exact_sum sum;
    for (int i = 0; i < 10; ++i) {
        for (const double value : random_values(random, flavour::money, 100'000)) sum.add(value);
    }
    CHECK_FALSE(sum.spilled());
    CHECK(sizeof(weir::exact_sum) == 24);
}

TEST_CASE("named sums", "[aggregates]") {
    CHECK(sum_of({1e308, 1e308, -1e308}).value() == 1e308);
    CHECK(sum_of({1e16, 1, -1e16}).value() == 1);
    CHECK(sum_of({1e300, 1e-300, -1e300}).value() == 1e-300);
    CHECK(sum_of(std::vector<double>(10, 0.1)).value() == 1.0);
    CHECK(sum_of({largest, smallest}).value() == largest);
    CHECK(sum_of({largest, largest}).value() == infinity);
    CHECK(sum_of({-largest, -largest}).value() == -infinity);
    CHECK(sum_of({largest, std::ldexp(1.0, 969)}).value() == largest);
    CHECK(sum_of({largest, std::ldexp(1.0, 970)}).value() == infinity);
    CHECK(sum_of({smallest, smallest}).value() == 2 * smallest);
    CHECK(sum_of({std::ldexp(1.0, 53), 1.0}).value() == std::ldexp(1.0, 53));
    CHECK(sum_of({std::ldexp(1.0, 53) + 2, 1.0}).value() == std::ldexp(1.0, 53) + 4);
    CHECK(sum_of({std::ldexp(1.0, 53), 1.0, smallest}).value() == std::ldexp(1.0, 53) + 2);
    for (const auto& zero : {sum_of({}), sum_of({-0.0}), sum_of({1.5, -1.5}), sum_of({-0.0, -0.0})}) {
        CHECK(bits(zero.value()) == 0);
    }
}

TEST_CASE("NaN and infinities are counted, so that they can go again", "[aggregates]") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    auto sum = sum_of({1.5, infinity});
    CHECK(sum.value() == infinity);
    sum.add(-infinity);
    CHECK(std::isnan(sum.value()));
    sum.subtract(infinity);
    CHECK(sum.value() == -infinity);
    sum.add(nan);
    CHECK(std::isnan(sum.value()));
    sum.subtract(-nan);
    sum.subtract(-infinity);
    CHECK(sum.value() == 1.5);
    CHECK(bytes_of(sum) == bytes_of(sum_of({1.5})));
}

TEST_CASE("an exact sum is a value", "[aggregates]") {
    for (const double other : {2.0, 1e-300}) {
        auto sum = sum_of({1e300, other});
        auto copy = sum;
        copy.add(1e300);
        CHECK(sum.value() == 1e300);
        CHECK(copy.value() == 2e300);
        const auto moved = std::move(copy);
        CHECK(moved.value() == 2e300);
        copy = sum;
        copy.merge(copy);
        CHECK(copy.value() == 2e300);
        copy.subtract(copy);
        CHECK(bits(copy.value()) == 0);
        CHECK_FALSE(copy.spilled());
    }
}

TEST_CASE("the largest negative window merges and is taken back", "[aggregates]") {
    weir::exact_sum lowest;  // doubled until the window holds its lowest integer, or has spilled
    lowest.add(-1.0);
    for (int i = 0; i < 130; ++i) {
        weir::exact_sum taken;
        taken.subtract(lowest);
        CHECK(taken.value() == std::ldexp(1.0, i));
        lowest.merge(lowest);
    }
}

TEST_CASE("damaged bytes are refused", "[aggregates]") {
    std::mt19937_64 random(5);
    for (const auto& stored : {bytes_of(sum_of({1.5, 2.25})), bytes_of(sum_of({1e300, 1e-300}))}) {
        for (std::size_t length = 0; length < stored.size(); ++length) {
            weir::binary_reader reader{std::string_view{stored}.substr(0, length)};
            CHECK_THROWS_AS(weir::load<weir::exact_sum>(reader), weir::error);
        }
        for (int i = 0; i < 2000; ++i) {  // any bytes load to some value or are refused
            auto damaged = stored;
            damaged[random() % damaged.size()] = static_cast<char>(random());
            try {
                weir::binary_reader reader{std::string_view{damaged}};
                auto sum = weir::load<weir::exact_sum>(reader);
                const double before = sum.value();
                sum.add(1e250);
                sum.subtract(1e250);
                CHECK(bits(sum.value()) == bits(before));
            } catch (const weir::error& refused) {
                CHECK(refused.kind() == weir::error_kind::state);
            }
        }
    }
}

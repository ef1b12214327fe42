// SPDX-License-Identifier: Apache-2.0
// Exact sums of products against whole numbers of Boost.Multiprecision.
#include <weir/aggregates/exact_product_sum.hpp>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

#include "nearest_double.hpp"

#include <weir/record/binary.hpp>

namespace {
using namespace weir_test;
using sum_type = weir::detail::exact_product_sum;

struct product {
    double left = 0;
    double right = 0;
};

// In units of 2^-2148, like the sum.
big_integer exact(const product& each) { return scaled(each.left, 1074) * scaled(each.right, 1074); }
big_integer exact(const sum_type& sum) {
    const auto value = sum.value();
    big_integer magnitude;
    const auto words = value.magnitude().words;
    import_bits(magnitude, words.begin(), words.end(), 64, false);
    return value.negative() ? big_integer{-magnitude} : magnitude;
}
void add(sum_type& sum, const product& each) {
    sum.add(weir::detail::factor_of(each.left), weir::detail::factor_of(each.right));
}
void subtract(sum_type& sum, const product& each) {
    sum.subtract(weir::detail::factor_of(each.left), weir::detail::factor_of(each.right));
}
std::string bytes_of(const sum_type& sum) {
    weir::binary_writer writer;
    sum.save(writer);
    return std::string{writer.text()};
}
sum_type loaded(const std::string& bytes) {
    sum_type sum;
    weir::binary_reader reader{std::string_view{bytes}};
    sum.load(reader);
    reader.expect_end();
    return sum;
}
std::vector<product> random_products(std::mt19937_64& random, std::size_t count) {
    const auto kind = all_flavours[random() % std::size(all_flavours)];
    const auto other = all_flavours[random() % std::size(all_flavours)];
    const auto left = random_values(random, kind, count);
    const auto right = random_values(random, random() % 2 == 0 ? kind : other, count);
    std::vector<product> list;
    for (std::size_t i = 0; i < count; ++i) {
        list.push_back({left[i], right[i]});
        if (i > 0 && random() % 8 == 0) list.back() = {-list[i - 1].left, list[i - 1].right};
    }
    return list;
}
}  // namespace

TEST_CASE("sums of products are exact", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 120U)));
    const auto list = random_products(random, 1 + random() % 40);
    sum_type sum;
    big_integer expected = 0;
    for (const auto& each : list) {
        add(sum, each);
        expected += exact(each);
        REQUIRE(exact(sum) == expected);
        REQUIRE(exact(loaded(bytes_of(sum))) == expected);
    }
    auto shuffled = list;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    for (const auto& each : shuffled) {
        subtract(sum, each);
        expected -= exact(each);
        REQUIRE(exact(sum) == expected);
    }
    CHECK(bytes_of(sum) == bytes_of(sum_type{}));
}

TEST_CASE("sums of products merge exactly, with themselves too", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 120U)));
    sum_type left;
    sum_type right;
    big_integer expected = 0;
    for (const auto& each : random_products(random, random() % 20)) {
        add(left, each);
        expected += exact(each);
    }
    const big_integer of_left = expected;
    for (const auto& each : random_products(random, random() % 20)) {
        add(right, each);
        expected += exact(each);
    }
    auto both = left;
    both.merge(right);
    CHECK(exact(both) == expected);
    auto other = right;
    other.merge(left);
    CHECK(bytes_of(other) == bytes_of(both));
    both.subtract(right);
    CHECK(exact(both) == of_left);
    CHECK(bytes_of(both) == bytes_of(left));
    both.merge(both);
    CHECK(exact(both) == 2 * of_left);
    both.subtract(both);
    CHECK(exact(both) == 0);
}

TEST_CASE("many products of like size stay in the window, whatever their number", "[aggregates]") {
    sum_type sum;
    for (int i = 0; i < 100'000; ++i) add(sum, {0.1 * i, i % 2 == 0 ? 0.3 : -1e6});
    CHECK_FALSE(sum.spilled());
    for (int i = 0; i < 100; ++i) add(sum, {1e-300, 1e300});
    CHECK_FALSE(sum.spilled());
    add(sum, {1e-300, 1e-300});
    CHECK(sum.spilled());
    subtract(sum, {1e-300, 1e-300});
    CHECK(loaded(bytes_of(sum)).spilled() == false);
}

TEST_CASE("the extremes of doubles and of whole numbers fit", "[aggregates]") {
    const double largest = std::numeric_limits<double>::max();
    const double smallest = std::numeric_limits<double>::denorm_min();
    sum_type sum;
    big_integer expected = 0;
    for (const product each : {product{largest, largest}, {-largest, largest}, {largest, largest},
                               {largest, largest}, {smallest, smallest}, {smallest, -largest}}) {
        add(sum, each);
        expected += exact(each);
    }
    CHECK(exact(sum) == expected);
    sum_type whole;
    const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    const std::int64_t least = std::numeric_limits<std::int64_t>::min();
    whole.add(weir::detail::factor_of(most), weir::detail::factor_of(most));
    whole.add(weir::detail::factor_of(least), weir::detail::factor_of(most));
    CHECK(exact(whole) >> 2148 == big_integer{most} * most + big_integer{least} * most);
}

TEST_CASE("damaged sums of products are refused", "[aggregates]") {
    const auto refused = [](const std::vector<std::uint8_t>& head, const std::vector<std::uint64_t>& words) {
        weir::binary_writer writer;
        for (const auto byte : head) writer.write_fixed(byte);
        for (const auto word : words) writer.write_fixed(word);
        try {
            static_cast<void>(loaded(std::string{writer.text()}));
        } catch (const weir::error& error) {
            return error.kind() == weir::error_kind::state;
        }
        return false;
    };
    CHECK_FALSE(refused({1, 3, 1}, {7}));
    CHECK(refused({3}, {}));
    CHECK(refused({1, 3, 0}, {}));
    CHECK(refused({1, 66, 2}, {1, 1}));
    CHECK(refused({1, 3, 2}, {0, 1}));
    CHECK(refused({1, 3, 2}, {1, 0}));
    CHECK(refused({2, 66, 1}, {~std::uint64_t{0}}));
    CHECK(refused({1, 3, 2}, {1}));
}

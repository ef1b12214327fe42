// SPDX-License-Identifier: Apache-2.0
// How many different values, about.
#include <weir/aggregates/approximate_distinct.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <set>
#include <string_view>

#include "samples.hpp"

namespace {
using namespace weir_test;
using sketch = weir::detail::hyper_log_log;

std::string bytes_of(const sketch& state) {
    weir::binary_writer writer;
    state.save(writer);
    return std::string{writer.text()};
}
bool refused(const std::string& bytes) {
    weir::binary_reader reader{std::string_view{bytes}};
    sketch state(4);
    try {
        state.load(reader);
    } catch (const weir::error& error) {
        return error.kind() == weir::error_kind::state;
    }
    return false;
}
// Different numbers, as hashes.
sketch counted(unsigned precision, std::uint64_t first, std::uint64_t count) {
    sketch state(precision);
    for (std::uint64_t i = 0; i < count; ++i) state.add(weir::stable_hash(first + i));
    return state;
}
}  // namespace

TEST_CASE("approximate_distinct counts few values almost exactly", "[aggregates]") {
    const auto users = weir::approximate_distinct(&payment::merchant);
    CHECK(users.name() == "approximate_distinct_merchant");
    CHECK(result_of(users, three_payments()) == 2);
    CHECK(result_of(users, {}) == 0);
    CHECK(result_of(users, {payment{}}) == 1);
    CHECK(result_of(weir::approximate_distinct([](const payment& p) { return std::string_view{p.merchant}; }),
                    three_payments()) == 2);
    const auto both = [](const payment& p) { return std::pair{p.card, p.merchant}; };
    CHECK(result_of(weir::approximate_distinct(both, 8), three_payments()) == 2);
}

TEST_CASE("approximate_distinct tells doubles apart as numbers", "[aggregates]") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto amounts = weir::approximate_distinct(&payment::amount);
    CHECK(result_of(amounts, {{1, 0.0}, {1, -0.0}, {1, nan}, {1, -nan}, {1, 1.0}}) == 3);
}

TEST_CASE("approximate_distinct of another precision is refused", "[aggregates]") {
    CHECK_THROWS_WITH(weir::approximate_distinct(&payment::card, 3),
                      "approximate_distinct(..., 3): its precision is between 4 and 18");
    CHECK_THROWS_AS(weir::approximate_distinct(&payment::card, 19), weir::error);
    CHECK(weir::approximate_distinct(&payment::card, 14).state_tag() == "hyper_log_log<14>");
    sketch state(5);
    CHECK_THROWS_WITH(state.merge(sketch(6)), "approximate_distinct cannot join states of different precision");
    STATIC_REQUIRE_FALSE(weir::removable<decltype(weir::approximate_distinct(&payment::card)), payment>);
}

TEST_CASE("the error of approximate_distinct is the stated one", "[aggregates]") {
    const unsigned precision = GENERATE(4U, 8U, 12U, 14U);
    const std::uint64_t count = GENERATE(10U, 100U, 1'000U, 5'000U, 20'000U);
    CAPTURE(precision, count);
    const double stated = 1.04 / std::sqrt(std::ldexp(1.0, static_cast<int>(precision)));
    double squares = 0;
    double bias = 0;
    constexpr int rounds = 60;
    for (int round = 0; round < rounds; ++round) {
        const auto state = counted(precision, static_cast<std::uint64_t>(round) << 32, count);
        const double error = static_cast<double>(state.estimate()) / static_cast<double>(count) - 1;
        squares += error * error / rounds;
        bias += error / rounds;
    }
    CHECK(std::sqrt(squares) < 1.35 * stated);
    CHECK(std::abs(bias) < 4 * stated / std::sqrt(rounds));
}

TEST_CASE("approximate_distinct sees neither order nor repetition nor parts", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 40U)));
    const unsigned precision = 4 + static_cast<unsigned>(random() % 6);
    sketch whole(precision);
    std::vector<sketch> parts(3, sketch(precision));
    for (auto left = random() % 400; left > 0; --left) {
        const std::uint64_t hash = weir::stable_hash(random() % 300);
        whole.add(hash);
        parts[random() % 3].add(hash);
        parts[random() % 3].add(hash);
    }
    sketch merged(precision);
    for (const auto& part : parts) merged.merge(part);
    merged.merge(merged);
    CHECK(bytes_of(merged) == bytes_of(whole));
    CHECK(merged.estimate() == whole.estimate());
    sketch loaded;
    const std::string bytes = bytes_of(whole);
    weir::binary_reader reader{std::string_view{bytes}};
    loaded.load(reader);
    CHECK(bytes_of(loaded) == bytes);
    CHECK(loaded.estimate() == whole.estimate());
}

TEST_CASE("a register is the longest run of leading zeros of its group", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 20U)));
    sketch state(6);
    std::vector<std::uint8_t> registers(64);
    for (int i = 0; i < 300; ++i) {
        const std::uint64_t hash = i == 0 ? 0 : random() >> (random() % 8);
        state.add(hash);
        std::uint8_t zeros = 1;
        while (zeros < 59 && (hash << 6 << (zeros - 1)) >> 63 == 0) ++zeros;
        auto& place = registers[hash >> 58];
        place = std::max(place, zeros);
    }
    const std::string bytes = bytes_of(state);
    CHECK(bytes.substr(2) == std::string(registers.begin(), registers.end()));
}

TEST_CASE("approximate_distinct takes as much memory as its documentation says", "[aggregates]") {
    CHECK(counted(12, 0, 100'000).memory() == 4096);
    CHECK(counted(14, 0, 100'000).memory() == 16'384);
    CHECK(counted(14, 0, 100).memory() <= 8 * 100);
    CHECK(counted(12, 0, 0).memory() == 0);
}

TEST_CASE("damaged registers are refused", "[aggregates]") {
    const std::string listed("\x04\0\x02\0\0\0", 6);
    CHECK_FALSE(refused(listed + std::string("\x01\x03\0\0\x02\x0f\0\0", 8)));
    CHECK(refused(listed + std::string("\x01\x0f\0\0\x02\x03\0\0", 8)));  // not rising
    CHECK(refused(listed + std::string("\x01\x03\0\0\x02\x03\0\0", 8)));  // twice
    CHECK(refused(listed + std::string("\0\x03\0\0\x02\x0f\0\0", 8)));    // no register
    CHECK(refused(listed + std::string("\x01\x03\0\0\x3e\x0f\0\0", 8)));  // too high
    CHECK(refused(listed + std::string("\x01\x03\0\0\x02\x10\0\0", 8)));  // no such group
    CHECK(refused(std::string("\x05\0\0\0\0\0", 6)));                     // another precision
    CHECK(refused(std::string("\x04\x01", 2) + std::string(16, '\0')));   // would be listed
    CHECK(refused(std::string("\x04\x01", 2) + std::string(16, '\x3e')));
    CHECK(refused(std::string("\x04\x01", 2)));
    CHECK_FALSE(refused(std::string("\x04\x01", 2) + std::string(16, '\x3d')));
}

// SPDX-License-Identifier: Apache-2.0
// An oracle that rounds nothing: decides with whole numbers of Boost.Multiprecision whether a double is the one nearest
// to an exact fraction. Shares no code with the library.
#pragma once
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace weir_test {

using big_integer = boost::multiprecision::cpp_int;

// Everything is counted in units of 2^-2200, finer than the square of the smallest double.
inline constexpr int unit_exponent = 2200;

// value * 2^scale as a whole number; both in range by the caller's care.
inline big_integer scaled(double value, int scale = unit_exponent) {
    int exponent = 0;
    const double fraction = std::frexp(value, &exponent);
    const auto integer = static_cast<std::int64_t>(std::ldexp(fraction, 53));
    const int shift = exponent - 53 + scale;
    big_integer magnitude = integer < 0 ? -integer : integer;
    if (shift >= 0) {
        magnitude <<= shift;
    } else {
        magnitude >>= -shift;
    }
    return integer < 0 ? big_integer{-magnitude} : magnitude;
}

// Whether `candidate` is numerator / denominator (in units), rounded to the nearest double, ties to even.
inline bool is_nearest(const big_integer& numerator, const big_integer& denominator, double candidate) {
    if (std::isnan(candidate)) return false;
    big_integer beyond = 0;
    bit_set(beyond, 1024 + unit_exponent);
    const auto units = [&](double value) -> big_integer {
        if (std::isinf(value)) return value > 0 ? beyond : big_integer{-beyond};
        return scaled(value);
    };
    const auto distance = [&](double value) -> big_integer { return abs(numerator - units(value) * denominator); };
    const auto even = [](double value) {
        if (std::isinf(value)) return true;  // 2^1024 has an even fraction
        int exponent = 0;
        std::frexp(value, &exponent);
        const int lowest = std::max(exponent - 53, -1074);
        return std::fmod(std::ldexp(value, -lowest / 2), std::ldexp(2.0, lowest - lowest / 2)) == 0;
    };
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (std::isinf(candidate) && (candidate > 0 ? numerator >= beyond * denominator
                                                : numerator <= -beyond * denominator)) {
        return true;
    }
    const big_integer mine = distance(candidate);
    for (const double side : {-infinity, infinity}) {
        if (candidate == side) continue;
        const big_integer other = distance(std::nextafter(candidate, side));
        if (other < mine || (other == mine && !even(candidate))) return false;
    }
    return true;
}

enum class flavour { money, any_bits, subnormal, close_to_one, whole, huge, cancelling, wide };
inline constexpr flavour all_flavours[] = {flavour::money,  flavour::any_bits, flavour::subnormal,
                                           flavour::whole,  flavour::huge,     flavour::close_to_one,
                                           flavour::cancelling, flavour::wide};

// Finite doubles of one kind; `cancelling` mixes all and repeats some of them negated.
inline std::vector<double> random_values(std::mt19937_64& random, flavour kind, std::size_t count) {
    const auto uniform = [&](double low, double high) { return std::uniform_real_distribution(low, high)(random); };
    const auto signed_one = [&] { return random() % 2 == 0 ? 1.0 : -1.0; };
    std::vector<double> values;
    while (values.size() < count) {
        double value = 0;
        switch (kind) {
        case flavour::money: value = std::round(uniform(-1e6, 1e6) * 100) / 100; break;
        case flavour::any_bits: value = std::bit_cast<double>(random()); break;
        case flavour::subnormal: value = signed_one() * std::ldexp(uniform(0, 4), -1022); break;
        case flavour::close_to_one: value = 1.0 + uniform(-1e-15, 1e-15); break;
        case flavour::whole: value = std::floor(uniform(-1e9, 1e9)); break;
        case flavour::huge: value = signed_one() * uniform(0.9, 1.0) * std::numeric_limits<double>::max(); break;
        case flavour::wide: value = signed_one() * std::ldexp(uniform(1, 2), static_cast<int>(random() % 130)); break;
        case flavour::cancelling:
            if (!values.empty() && random() % 2 == 0) {
                value = -values[random() % values.size()];
            } else {
                value = random_values(random, all_flavours[random() % 6], 1)[0];
            }
            break;
        }
        if (random() % 16 == 0) value = signed_one() * 0.0;
        if (std::isfinite(value)) values.push_back(value);
    }
    return values;
}

}  // namespace weir_test

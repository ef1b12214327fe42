// SPDX-License-Identifier: Apache-2.0
// Random numbers that are the same on every machine: integers, and of floating point only what IEEE 754 rounds exactly.
// What the standard library draws, and exp or log of the mathematical one, differ from machine to machine.
#pragma once
#include <cmath>
#include <cstdint>

namespace fraud {

// The last step of splitmix64 (Steele, Lea, Flood 2014): spreads every bit over all.
[[nodiscard]] constexpr std::uint64_t scatter(std::uint64_t z) noexcept {
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

// A seed of its own for everything that has a number: the third trip of card 17, say.
[[nodiscard]] constexpr std::uint64_t seed_of(std::uint64_t seed, std::uint64_t number) noexcept {
    return scatter(seed + 0x9e3779b97f4a7c15U * (number + 1));
}

// e to the power of x, within 1e-7 of it.
[[nodiscard]] inline double exponential(double x) noexcept {
    const double powers = x * 1.4426950408889634;
    const double whole = std::floor(powers);
    const double y = (powers - whole) * 0.6931471805599453;
    double sum = 1;
    for (int i = 10; i > 0; --i) sum = 1 + sum * y / i;
    return std::ldexp(sum, static_cast<int>(whole));
}

class dice {
  public:
    explicit constexpr dice(std::uint64_t seed) noexcept : state_(seed) {}

    constexpr std::uint64_t next() noexcept { return scatter(state_ += 0x9e3779b97f4a7c15U); }
    // In [0, count); count is above zero.
    constexpr std::uint32_t below(std::uint32_t count) noexcept {
        return static_cast<std::uint32_t>(((next() >> 32U) * count) >> 32U);
    }
    // In [low, high], all alike.
    constexpr std::uint32_t between(std::uint32_t low, std::uint32_t high) noexcept {
        return low + below(high - low + 1);
    }
    // In [0, count), small ones more often.
    constexpr std::uint32_t small_below(std::uint32_t count) noexcept {
        const std::uint64_t bits = next();
        const std::uint64_t first = ((bits >> 32U) * count) >> 32U;
        return static_cast<std::uint32_t>((first * (bits & 0xffffffffU)) >> 32U);
    }
    // In [0, 1).
    constexpr double share() noexcept { return static_cast<double>(next() >> 11U) * 0x1p-53; }
    constexpr bool happens(double probability) noexcept { return share() < probability; }
    // Around 0 with standard deviation 1, and never beyond 4.9: the sum of eight even ones.
    constexpr double normal() noexcept {
        std::uint32_t sum = 0;
        for (int i = 0; i < 2; ++i) {
            const std::uint64_t bits = next();
            for (unsigned shift = 0; shift < 64; shift += 16) {
                sum += static_cast<std::uint32_t>(bits >> shift) & 0xffffU;
            }
        }
        constexpr double mean = 8 * 65535 / 2.0;
        constexpr double deviation = 53509.0;
        return (static_cast<double>(sum) - mean) / deviation;
    }
    // Around 1: its logarithm is normal with this standard deviation.
    double log_normal(double deviation) noexcept { return exponential(deviation * normal()); }

  private:
    std::uint64_t state_;
};

}  // namespace fraud

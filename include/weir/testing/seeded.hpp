// SPDX-License-Identifier: Apache-2.0
// Random numbers that a seed repeats.
#pragma once
#include <cstdint>

namespace weir::testing {

// Splitmix64 (Steele, Lea, Flood 2014): small, and good enough to choose by.
class seeded {
  public:
    explicit constexpr seeded(std::uint64_t seed) noexcept : state_(seed) {}
    constexpr std::uint64_t next() noexcept {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }
    // A number in [0, count); count > 0.
    constexpr std::uint64_t below(std::uint64_t count) noexcept { return next() % count; }
    constexpr bool one_in(std::uint64_t count) noexcept { return below(count) == 0; }

  private:
    std::uint64_t state_;
};

}  // namespace weir::testing

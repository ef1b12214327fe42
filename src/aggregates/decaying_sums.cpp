// SPDX-License-Identifier: Apache-2.0
#include <weir/aggregates/decaying_sums.hpp>

#include <limits>

#include "scaled_integer.hpp"

namespace weir::detail {
namespace {

// 2^(i / 16), 2^(i / 16^2), ..., times 2^63.
constexpr std::uint64_t powers[4][16] = {
    {0x8000000000000000U, 0x85aac367cc487b15U, 0x8b95c1e3ea8bd6e7U, 0x91c3d373ab11c336U,
     0x9837f0518db8a96fU, 0x9ef5326091a111aeU, 0xa5fed6a9b15138eaU, 0xad583eea42a14ac6U,
     0xb504f333f9de6484U, 0xbd08a39f580c36bfU, 0xc5672a115506daddU, 0xce248c151f8480e4U,
     0xd744fccad69d6af4U, 0xe0ccdeec2a94e111U, 0xeac0c6e7dd24392fU, 0xf5257d152486cc2cU},
    {0x8000000000000000U, 0x8058d7d2d5e5f6b1U, 0x80b1ed4fd999ab6cU, 0x810b40a1d81406d4U,
     0x8164d1f3bc030773U, 0x81bea1708dde6056U, 0x8218af4373fc25ecU, 0x8272fb97b2a5894cU,
     0x82cd8698ac2ba1d7U, 0x83285071e0fc4547U, 0x8383594eefb6ee37U, 0x83dea15b9541b132U,
     0x843a28c3acde4046U, 0x8495efb3303efd30U, 0x84f1f656379c1a29U, 0x854e3cd8f9c8c95dU},
    {0x8000000000000000U, 0x80058baf7fee3b5dU, 0x800b179c82028fd1U, 0x8010a3c708e73282U,
     0x8016302f17467628U, 0x801bbcd4afcacb09U, 0x802149b7d51ebefbU, 0x8026d6d889ecfd6aU,
     0x802c6436d0e04f51U, 0x8031f1d2aca39b44U, 0x80377fac1fe1e56aU, 0x803d0dc32d464f85U,
     0x80429c17d77c18edU, 0x80482aaa212e9e96U, 0x804db97a0d095b0cU, 0x805348879db7e67dU},
    {0x8000000000000000U, 0x800058b92abbae02U, 0x8000b17292f702a4U, 0x80010a2c38b22886U,
     0x800162e61bed4a49U, 0x8001bba03ca8928eU, 0x8002145a9ae42bf7U, 0x80026d1536a04124U,
     0x8002c5d00fdcfcb7U, 0x80031e8b269a8951U, 0x800377467ad91193U, 0x8003d0020c98c020U,
     0x800428bddbd9bf99U, 0x80048179e89c3aa0U, 0x8004da3632e05bd7U, 0x800532f2baa64de0U}};
constexpr std::uint64_t logarithm_of_two = 0xb17217f7d1cf79acU;  // times 2^64

constexpr std::uint64_t upper(std::uint64_t left, std::uint64_t right) noexcept {
    return high_word(uint128{left} * right);
}

// 2^(fraction / 2^64), times 2^63. The four highest hexadecimal digits by tables; the exponential series for the rest,
// whose fourth power is below 2^-68.
std::uint64_t power_of_two(std::uint64_t fraction) noexcept {
    const std::uint64_t rest = upper(fraction & 0xffff'ffff'ffffU, logarithm_of_two);
    const std::uint64_t square = upper(rest, rest);
    std::uint64_t power = (std::uint64_t{1} << 63) + (rest + square / 2 + upper(square, rest) / 6) / 2;
    for (unsigned level = 0; level < 4; ++level) {
        const std::uint64_t digit = fraction >> (60 - 4 * level) & 15;
        power = static_cast<std::uint64_t>(uint128{power} * powers[level][digit] >> 63);
    }
    return power;
}

}  // namespace

decay_weight decay_weight_of(timestamp time, duration half_life) noexcept {
    const std::int64_t ticks = time.time_since_epoch().count();
    const std::int64_t length = half_life.count();
    std::int64_t doublings = ticks / length;
    std::int64_t rest = ticks % length;
    if (rest < 0) {
        --doublings;
        rest += length;
    }
    const auto fraction = (uint128{static_cast<std::uint64_t>(rest)} << 64) / static_cast<std::uint64_t>(length);
    return {doublings, power_of_two(static_cast<std::uint64_t>(fraction))};
}

auto decaying_sums::find_or_add(std::int64_t doublings) -> sums* {
    if (!sums_.empty() && forgotten(doublings, sums_.back().doublings)) return nullptr;
    const auto below = [](const sums& each, std::int64_t sought) { return each.doublings < sought; };
    const auto place = std::lower_bound(sums_.begin(), sums_.end(), doublings, below);
    if (place != sums_.end() && place->doublings == doublings) return &*place;
    const bool newest = place == sums_.end();
    const auto made = sums_.insert(place, sums{doublings, 0, {}});
    if (!newest) return &*made;
    const auto first_kept = std::find_if(sums_.begin(), sums_.end(),
                                         [=](const sums& each) { return !forgotten(each.doublings, doublings); });
    sums_.erase(sums_.begin(), first_kept);
    return &sums_.back();
}

void decaying_sums::merge(const decaying_sums& other) {
    if (&other == this) return merge(decaying_sums(other));
    for (auto each = other.sums_.rbegin(); each != other.sums_.rend(); ++each) {
        if (sums* const place = place_of(each->doublings)) {
            place->weights += each->weights;
            place->terms.merge(each->terms);
        }
    }
    not_numbers_ += other.not_numbers_;
    highest_ += other.highest_;
    lowest_ += other.lowest_;
}

double decaying_sums::mean() const {
    using limits = std::numeric_limits<double>;
    if (not_numbers_ != 0 || (highest_ != 0 && lowest_ != 0)) return limits::quiet_NaN();
    if (highest_ != 0) return limits::infinity();
    if (lowest_ != 0) return -limits::infinity();
    if (sums_.empty()) return limits::quiet_NaN();
    // Both in units of the oldest half-life kept: terms in 2^lowest_exponent, weights in 2^-63.
    multiprecision::cpp_int terms = 0;
    multiprecision::cpp_int weights = 0;
    for (const sums& each : sums_) {
        const auto doublings = static_cast<unsigned>(each.doublings - sums_.front().doublings);
        const scaled_integer term = scaled(each.terms);
        if (term.integer != 0) {
            const int shift = term.exponent - exact_product_sum::lowest_exponent;
            terms += multiprecision::cpp_int{term.integer << (static_cast<unsigned>(shift) + doublings)};
        }
        const std::uint64_t words[2] = {low_word(each.weights), high_word(each.weights)};
        weights += multiprecision::cpp_int{integer_of(words) << doublings};
    }
    if (terms == 0) return 0.0;
    const double size = rounded_quotient(abs(terms), weights, exact_product_sum::lowest_exponent + 63);
    return terms < 0 ? -size : size;
}

void decaying_sums::refuse() {
    throw error(error_kind::state, "the snapshot is damaged: the sums of an exponential mean cannot be these");
}

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// The world that made-up transactions come from: cities, merchants, card holders, their homes, habits and trips.
// Nothing of it is stored: everything follows from the seed and a number, so there may be any number of cards.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "dice.hpp"

namespace fraud {

// Places in hundred-thousandths of a degree, about a metre.
struct place {
    std::int32_t lat = 0;
    std::int32_t lon = 0;
};

struct city {
    std::string_view name;
    place at;
    std::uint32_t people = 0;  // card holders live here in this proportion; nobody where it is 0
};

struct merchant {
    bool online = false;  // has no place
    std::uint32_t city = 0;
    std::uint32_t number = 0;  // in its city, or of those online
};

struct card_holder {
    std::uint32_t home = 0;
    double usual_cents = 0;  // the median of what is paid, before it depends on the merchant
    double spread = 0;       // of the logarithm of amounts
    double online_share = 0;
    std::uint64_t seed = 0;
};

class world {
  public:
    world(std::uint32_t cards, std::uint64_t seed) : cards_(cards), seed_(seed) {}

    [[nodiscard]] card_holder holder(std::uint32_t card) const;
    // Twelve digits, one number per card.
    void append_card(std::string& out, std::uint32_t card) const;
    // A card, those of busy holders more often.
    [[nodiscard]] std::uint32_t pick_card(dice& random) const;

    // Where a card holder is at a time in milliseconds since the beginning. Under way nothing can be bought but online.
    struct whereabouts {
        bool under_way = false;
        std::uint32_t city = 0;
    };
    [[nodiscard]] whereabouts find(const card_holder& holder, std::uint64_t at_ms) const;
    [[nodiscard]] std::uint32_t pick_far_city(std::uint32_t from, dice& random) const;

    // One of the holder's usual merchants, or any.
    [[nodiscard]] merchant pick_merchant(const card_holder& holder, std::uint32_t city, dice& random) const;
    [[nodiscard]] merchant pick_online(dice& random) const;
    // "Bakery Lyon 17"
    void append_name(std::string& out, const merchant& shop) const;
    [[nodiscard]] place where(const merchant& shop) const;  // of one that is not online
    // What is paid there in proportion to elsewhere.
    [[nodiscard]] double price_level(const merchant& shop) const;

  private:
    [[nodiscard]] std::uint32_t merchants_in(std::uint32_t city) const;
    [[nodiscard]] std::uint32_t merchants_online() const { return 40 + cards_ / 50; }

    std::uint32_t cards_;
    std::uint64_t seed_;
};

[[nodiscard]] const city& city_of(std::uint32_t number);

}  // namespace fraud

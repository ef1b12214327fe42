// SPDX-License-Identifier: Apache-2.0
#include "events.hpp"

#include <algorithm>
#include <cmath>

namespace nexmark {
namespace {

constexpr std::uint64_t people = 1, auctions = 3, all = 50;  // of 50 events
constexpr id first_id = 1000;
constexpr std::uint64_t first_category = 10, categories = 5;
constexpr std::uint64_t open_auctions = 100, active_people = 1000, lead = 10;
constexpr std::uint64_t hot_group = 100;

// Random numbers of one event.
class lots {
  public:
    explicit lots(std::uint64_t start) : state_(start) {}
    [[nodiscard]] std::uint64_t next() { return weir::mix_bits(state_ += 0x632be59bd9b4e019U); }
    // Below n: the upper half of a product, which no query can tell from an unbiased one.
    [[nodiscard]] std::uint64_t below(std::uint64_t n) { return ((next() >> 32U) * n) >> 32U; }
    // From 1 to a million, in cents, its logarithm uniform.
    [[nodiscard]] std::uint64_t price() {
        const double part = static_cast<double>(next() >> 11U) * 0x1p-53;
        return static_cast<std::uint64_t>(std::llround(std::exp2(part * 6 * 3.3219280948873623) * 100));
    }

  private:
    std::uint64_t state_;
};

// The newest person and auction at the time of an event, counted from 0.
[[nodiscard]] std::uint64_t last_person(std::uint64_t number) { return number / all; }
[[nodiscard]] std::uint64_t last_auction(std::uint64_t number) {
    const std::uint64_t epoch = number / all;
    const std::uint64_t offset = number % all;
    if (offset < people) return epoch == 0 ? 0 : epoch * auctions - 1;
    return epoch * auctions + std::min(offset - people, auctions - 1);
}
[[nodiscard]] id some_person(std::uint64_t number, lots& random) {
    const std::uint64_t count = last_person(number) + 1;
    const std::uint64_t active = std::min(count, active_people);
    return count - active + random.below(active + lead);
}

[[nodiscard]] bid make_bid(std::uint64_t number, weir::timestamp at, lots& random) {
    const std::uint64_t newest = last_auction(number);
    const std::uint64_t oldest = newest > open_auctions ? newest - open_auctions : 0;
    bid made;
    made.auction = random.below(2) > 0 ? newest / hot_group * hot_group
                                       : oldest + random.below(newest - oldest + 1 + lead);
    made.bidder = random.below(4) > 0 ? last_person(number) / hot_group * hot_group + 1 : some_person(number, random);
    made.auction += first_id;
    made.bidder += first_id;
    made.price = random.price();
    made.at = at;
    return made;
}

[[nodiscard]] auction make_auction(std::uint64_t number, weir::timestamp at, weir::duration delay, lots& random) {
    auction made;
    made.id = first_id + last_auction(number);
    made.seller = first_id + (random.below(4) > 0 ? last_person(number) / hot_group * hot_group
                                                  : some_person(number, random));
    made.category = first_category + random.below(categories);
    made.initial_bid = random.price();
    made.reserve = made.initial_bid + random.price();
    made.at = at;
    // As long as it takes to put up as many as are open, on average.
    const auto horizon = static_cast<std::uint64_t>(delay.count()) * (open_auctions * all / auctions);
    made.expires = at + weir::duration{static_cast<std::int64_t>(1 + random.next() % (horizon * 2))};
    return made;
}

}  // namespace

event generator::operator()(std::uint64_t number) const {
    lots random(weir::mix_bits(seed_) ^ (number * 0x9e3779b97f4a7c15U));
    const weir::timestamp at = weir::timestamp{std::chrono::seconds{1'700'000'000}} +
                               delay_ * static_cast<std::int64_t>(number);
    const std::uint64_t offset = number % all;
    if (offset >= people + auctions) return make_bid(number, at, random);
    if (offset >= people) return make_auction(number, at, delay_, random);
    person made;
    made.id = first_id + last_person(number);
    made.at = at;
    made.first = static_cast<std::uint8_t>(random.below(std::size(texts::first)));
    made.last = static_cast<std::uint8_t>(random.below(std::size(texts::last)));
    made.city = static_cast<std::uint8_t>(random.below(std::size(texts::city)));
    made.state = static_cast<std::uint8_t>(random.below(std::size(texts::state)));
    return made;
}

}  // namespace nexmark

// SPDX-License-Identifier: Apache-2.0
// The events of Nexmark: people register, put things up for auction, and bid. A pure function of (seed, number), after
// the published generator (github.com/nexmark/nexmark, GeneratorConfig and its models): of 50 events one is a person,
// three are auctions, 46 are bids; half the bids go to the hot auction, three quarters come from the hot bidder, three
// quarters of the auctions are the hot seller's; ids run a little ahead of what exists. Texts that no query here reads
// (URLs, descriptions, credit cards, `extra`) are not made, and names are numbers until somebody prints them.
#pragma once
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include <weir/weir.hpp>

namespace nexmark {

using id = std::uint64_t;

struct person {
    nexmark::id id = 0;
    weir::timestamp at{};
    std::uint8_t first = 0, last = 0, city = 0, state = 0;  // which of the texts below
};
struct auction {
    nexmark::id id = 0;
    nexmark::id seller = 0;
    std::uint64_t category = 0;
    std::uint64_t initial_bid = 0, reserve = 0;  // cents
    weir::timestamp at{};
    weir::timestamp expires{};
};
struct bid {
    id auction = 0;
    id bidder = 0;
    std::uint64_t price = 0;  // cents
    weir::timestamp at{};
    friend bool operator==(const bid&, const bid&) = default;
};
BOOST_DESCRIBE_STRUCT(person, (), (id, at, first, last, city, state))
BOOST_DESCRIBE_STRUCT(auction, (), (id, seller, category, initial_bid, reserve, at, expires))
BOOST_DESCRIBE_STRUCT(bid, (), (auction, bidder, price, at))

using event = std::variant<person, auction, bid>;

[[nodiscard]] inline weir::timestamp time_of(const event& each) {
    if (const bid* const its = std::get_if<bid>(&each)) return its->at;  // mostly
    if (const auction* const its = std::get_if<auction>(&each)) return its->at;
    return std::get_if<person>(&each)->at;
}

struct texts {
    static constexpr std::string_view first[] = {"Peter", "Paul", "Luke",  "John",   "Saul",  "Vicky",
                                                 "Kate",  "Julie", "Sarah", "Deiter", "Walter"};
    static constexpr std::string_view last[] = {"Shultz", "Abrams", "Spencer", "White", "Bartels",
                                                "Walton", "Smith",  "Jones",   "Noris"};
    static constexpr std::string_view city[] = {"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland",
                                                "Bend",    "Redmond",     "Seattle",       "Kent",  "Cheyenne"};
    static constexpr std::string_view state[] = {"AZ", "CA", "ID", "OR", "WA", "WY"};
};

class generator {
  public:
    // So many events per second of event time.
    explicit generator(std::uint64_t seed, std::uint64_t rate = 100'000)
        : seed_(seed), delay_(std::chrono::nanoseconds{1'000'000'000 / rate}) {}
    [[nodiscard]] event operator()(std::uint64_t number) const;

  private:
    std::uint64_t seed_;
    weir::duration delay_;
};

}  // namespace nexmark

// SPDX-License-Identifier: Apache-2.0
// q0 passes bids through, q1 converts their price to euros, q2 selects some auctions. None of them needs time.
#include "queries.hpp"

namespace nexmark {
namespace {

constexpr double euros = 0.908;

struct priced {
    id auction;
    id bidder;
    double price;
    weir::timestamp at;
};
struct selected {
    id auction;
    std::uint64_t price;
};
[[nodiscard]] priced in_euros(const bid& each) {
    return {each.auction, each.bidder, euros * static_cast<double>(each.price), each.at};
}
[[nodiscard]] bool chosen(const bid& each) { return each.auction % 123 == 0; }

void take(results& to, const bid& each) { to.take(each.auction, each.bidder, each.price, each.at); }
void take(results& to, const priced& each) { to.take(each.auction, each.bidder, each.price, each.at); }
void take(results& to, const selected& each) { to.take(each.auction, each.price); }

[[nodiscard]] auto into(results& to) {
    return weir::into(weir::for_each([&to](const auto& each) { take(to, each); }));
}
[[nodiscard]] auto bids(const event_log& log) { return log | weir::filter(is_bid{}) | weir::map(the_bid{}); }

[[nodiscard]] query pass_through() {
    return {"q0", "pass bids through",
            [](const event_log& log, results& to) { return weir::graph("q0", bids(log) | into(to)); }, as_they_are,
            [](const events& all) {
                rows made;
                for_each_bid(all, [&](const bid& each) {
                    made.push_back({each.auction, each.bidder, each.price, word(each.at)});
                });
                return made;
            },
            [](const events& all, results& to) {
                for_each_bid(all, [&](const bid& each) { take(to, each); });
            }};
}
[[nodiscard]] query convert() {
    return {"q1", "prices in euros",
            [](const event_log& log, results& to) {
                return weir::graph("q1", bids(log) | weir::map(&in_euros) | into(to));
            },
            as_they_are,
            [](const events& all) {
                rows made;
                for_each_bid(all, [&](const bid& each) {
                    const double price = static_cast<double>(each.price) * 0.908;
                    made.push_back({each.auction, each.bidder, word(price), word(each.at)});
                });
                return made;
            },
            [](const events& all, results& to) {
                for_each_bid(all, [&](const bid& each) { take(to, in_euros(each)); });
            }};
}
[[nodiscard]] query select() {
    return {"q2", "bids for some auctions",
            [](const event_log& log, results& to) {
                return weir::graph("q2", bids(log) | weir::filter([](const bid& each) { return chosen(each); }) |
                                             weir::map([](const bid& each) {
                                                 return selected{each.auction, each.price};
                                             }) |
                                             into(to));
            },
            as_they_are,
            [](const events& all) {
                rows made;
                for_each_bid(all, [&](const bid& each) {
                    if (each.auction / 123 * 123 == each.auction) made.push_back({each.auction, each.price});
                });
                return made;
            },
            [](const events& all, results& to) {
                for_each_bid(all, [&](const bid& each) {
                    if (chosen(each)) take(to, selected{each.auction, each.price});
                });
            }};
}

}  // namespace

void add_stateless_queries(std::vector<query>& queries) {
    queries.push_back(pass_through());
    queries.push_back(convert());
    queries.push_back(select());
}

}  // namespace nexmark

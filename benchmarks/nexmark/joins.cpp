// SPDX-License-Identifier: Apache-2.0
// q3: who sells things of one category in some states. q4: the mean of the winning bids of each category, as it
// changes. q9: the winning bid of each auction, when it is final. q20: bids with the auctions of one category that
// they are for.
//
// All are joins of what one log holds, written with process: records of one key meet in its state. q3 and q20 are joins
// without a bound, and keep what may still find a partner for ever, as published. q4 and q9 forget an auction when the
// watermark has passed its end, since no bid is for it any more; a bid before its auction waits until the watermark has
// passed the bid.
#include <map>
#include <optional>
#include <tuple>

#include "queries.hpp"

namespace nexmark {
namespace {

[[nodiscard]] bool is_person(const event& each) { return std::holds_alternative<person>(each); }
[[nodiscard]] auto auctions_and_bids(const event_log& log) {
    return timed(log) | weir::filter([](const event& each) { return !is_person(each); });
}
[[nodiscard]] id auction_of(const event& each) {
    const bid* const its = std::get_if<bid>(&each);
    return its != nullptr ? its->auction : std::get_if<auction>(&each)->id;
}

// q3 ------------------------------------------------------------------------------------------------------------------

[[nodiscard]] bool in_some_states(const person& each) {
    const auto state = texts::state[each.state];
    return state == "OR" || state == "ID" || state == "CA";
}
[[nodiscard]] bool sells_or_matters(const event& each) {
    if (const auto* its = std::get_if<auction>(&each)) return its->category == 10;
    const auto* his = std::get_if<person>(&each);
    return his != nullptr && in_some_states(*his);
}
[[nodiscard]] id seller_of(const event& each) {
    const auto* its = std::get_if<auction>(&each);
    return its != nullptr ? its->seller : std::get_if<person>(&each)->id;
}
struct seller {
    std::optional<person> who;
    std::vector<id> waiting;  // auctions whose seller has not come
};
struct local_item {
    person seller;
    id auction = 0;
};
BOOST_DESCRIBE_STRUCT(seller, (), (who, waiting))

void take(results& to, const local_item& each) {
    to.take(std::uint64_t{each.seller.first}, std::uint64_t{each.seller.last}, std::uint64_t{each.seller.city},
            std::uint64_t{each.seller.state}, each.auction);
}
template <class Emit>
void meet(const event& each, seller& state, Emit&& emit) {
    if (const auto* its = std::get_if<auction>(&each)) {
        if (state.who) {
            emit(local_item{*state.who, its->id});
        } else {
            state.waiting.push_back(its->id);
        }
        return;
    }
    state.who = *std::get_if<person>(&each);
    for (const id waiting : state.waiting) emit(local_item{*state.who, waiting});
    state.waiting = {};
}

[[nodiscard]] query local_items() {
    return {"q3", "who sells in some states",
            [](const event_log& log, results& to) {
                return weir::graph("q3", timed(log) | weir::filter(&sells_or_matters) | weir::key_by(&seller_of) |
                                             weir::process<seller, local_item>(
                                                 [](auto& context, const event& each, seller& state) {
                                                     meet(each, state, [&](local_item item) { context.emit(item); });
                                                 }) |
                                             weir::into(weir::for_each([&to](const local_item& each) {
                                                 take(to, each);
                                             })));
            },
            as_they_are,
            [](const events& all) {
                std::map<id, person> people;
                for (const event& each : all) {
                    if (const auto* his = std::get_if<person>(&each)) people[his->id] = *his;
                }
                rows made;
                for (const event& each : all) {
                    const auto* its = std::get_if<auction>(&each);
                    if (its == nullptr || its->category != 10 || !people.contains(its->seller)) continue;
                    const person& his = people[its->seller];
                    const std::string state{texts::state[his.state]};
                    if (state != "OR" && state != "ID" && state != "CA") continue;
                    made.push_back({his.first, his.last, his.city, his.state, its->id});
                }
                return made;
            },
            [](const events& all, results& to) {
                boost::unordered_flat_map<id, seller> sellers;
                for (const event& each : all) {
                    if (!sells_or_matters(each)) continue;
                    meet(each, sellers[seller_of(each)], [&](const local_item& item) { take(to, item); });
                }
            }};
}

// q4, q9 --------------------------------------------------------------------------------------------------------------

// The highest bid between an auction's begin and end, of several the earliest.
struct bidding {
    std::optional<auction> what;
    std::optional<bid> best;
    std::vector<bid> waiting;

    // Whether it is the best now.
    bool offer(const bid& each) {
        if (each.at < what->at || each.at > what->expires) return false;
        if (best && std::tuple{each.price, best->at} <= std::tuple{best->price, each.at}) return false;
        best = each;
        return true;
    }
    // Calls better() for each time the best bid becomes another.
    template <class Context, class Better>
    void take(Context& context, const event& each, Better&& better) {
        if (const auto* its = std::get_if<auction>(&each)) {
            what = *its;
            context.set_timer(its->expires);
            for (const bid& early : waiting) {
                if (offer(early)) better();
            }
            waiting = {};
        } else if (const bid& its_bid = *std::get_if<bid>(&each); what) {
            if (offer(its_bid)) better();
        } else {
            context.set_timer(its_bid.at);
            waiting.push_back(its_bid);
        }
    }
    // Whether there is nothing that a record could still change.
    [[nodiscard]] bool over(weir::timestamp now) {
        std::erase_if(waiting, [now](const bid& each) { return each.at <= now; });
        return what ? what->expires <= now : waiting.empty();
    }
};
BOOST_DESCRIBE_STRUCT(bidding, (), (what, best, waiting))

// A winning price of a category comes, in the place of another one if it is not the auction's first.
struct price_change {
    std::uint64_t category = 0;
    std::uint64_t price = 0;
    std::uint64_t before = 0;
};
struct prices {
    std::uint64_t sum = 0;
    std::uint64_t count = 0;
};
struct mean_price {
    std::uint64_t category = 0;
    double mean = 0;
};
BOOST_DESCRIBE_STRUCT(prices, (), (sum, count))

[[nodiscard]] auto winning_prices() {
    return weir::process<bidding, price_change>(
        [](auto& context, const event& each, bidding& state) {
            std::uint64_t before = state.best ? state.best->price : 0;
            state.take(context, each, [&] {
                context.emit({state.what->category, state.best->price, before});
                before = state.best->price;
            });
        },
        [](auto& context, id, bidding& state) {
            if (state.over(context.time())) context.forget();
        });
}
[[nodiscard]] mean_price follow(const price_change& each, prices& state) {
    state.sum += each.price - each.before;
    state.count += each.before == 0 ? 1U : 0U;
    return {each.category, static_cast<double>(state.sum) / static_cast<double>(state.count)};
}

// The best bid of each auction.
[[nodiscard]] std::map<id, std::pair<auction, bid>> winners(const events& all) {
    std::map<id, auction> auctions;
    for (const event& each : all) {
        if (const auto* its = std::get_if<auction>(&each)) auctions[its->id] = *its;
    }
    std::map<id, std::pair<auction, bid>> best;
    for_each_bid(all, [&](const bid& each) {
        const auto its = auctions.find(each.auction);
        if (its == auctions.end() || each.at < its->second.at || its->second.expires < each.at) return;
        const auto [place, first] = best.try_emplace(each.auction, its->second, each);
        bid& so_far = place->second.second;
        if (!first && (each.price > so_far.price || (each.price == so_far.price && each.at < so_far.at))) {
            so_far = each;
        }
    });
    return best;
}

[[nodiscard]] query mean_of_winning_bids() {
    return {"q4", "mean winning bid per category, updates",
            [](const event_log& log, results& to) {
                return weir::graph("q4", auctions_and_bids(log) | weir::key_by(&auction_of) | winning_prices() |
                                             weir::key_by(&price_change::category) |
                                             weir::process<prices>([](auto&, const price_change& each, prices& state) {
                                                 return follow(each, state);
                                             }) |
                                             weir::into(weir::for_each([&to](const mean_price& each) {
                                                 to.take(each.category, each.mean);
                                             })));
            },
            // What the last update of each category says.
            [](const rows& updates) {
                std::map<std::uint64_t, row> last;
                for (const row& each : updates) last[each[0]] = each;
                rows made;
                for (const auto& [category, each] : last) made.push_back(each);
                return made;
            },
            [](const events& all) {
                std::map<std::uint64_t, std::vector<std::uint64_t>> of_category;
                for (const auto& [auction, won] : winners(all)) {
                    of_category[won.first.category].push_back(won.second.price);
                }
                rows made;
                for (const auto& [category, each] : of_category) {
                    std::uint64_t sum = 0;
                    for (const std::uint64_t price : each) sum += price;
                    made.push_back({category, word(static_cast<double>(sum) / static_cast<double>(each.size()))});
                }
                return made;
            }};
}

struct won {
    auction what;
    bid by;
};

[[nodiscard]] query winning_bids() {
    return {"q9", "winning bid of each auction, when final",
            [](const event_log& log, results& to) {
                return weir::graph("q9", auctions_and_bids(log) | weir::key_by(&auction_of) |
                                             weir::process<bidding, won>(
                                                 [](auto& context, const event& each, bidding& state) {
                                                     state.take(context, each, [] {});
                                                 },
                                                 [](auto& context, id, bidding& state) {
                                                     if (!state.over(context.time())) return;
                                                     if (state.best) context.emit({*state.what, *state.best});
                                                     context.forget();
                                                 }) |
                                             weir::into(weir::for_each([&to](const won& each) {
                                                 to.take(each.what.id, each.what.category, each.what.seller,
                                                         each.what.expires, each.by.bidder, each.by.price, each.by.at);
                                             })));
            },
            as_they_are,
            [](const events& all) {
                rows made;
                for (const auto& [id_of, each] : winners(all)) {
                    const auto& [what, by] = each;
                    made.push_back({id_of, what.category, what.seller, word(what.expires), by.bidder, by.price,
                                    word(by.at)});
                }
                return made;
            }};
}

// q20 -----------------------------------------------------------------------------------------------------------------

constexpr std::uint64_t wanted_category = 10;

struct bids_of_auction {
    std::optional<auction> what;
    std::vector<bid> waiting;
};
BOOST_DESCRIBE_STRUCT(bids_of_auction, (), (what, waiting))

[[nodiscard]] query bids_with_auctions() {
    return {"q20", "bids with auctions of one category",
            [](const event_log& log, results& to) {
                const auto meet = [](auto& context, const event& each, bids_of_auction& state) {
                    const auto give = [&](const bid& its) {
                        if (state.what->category == wanted_category) context.emit({*state.what, its});
                    };
                    if (const bid* const its = std::get_if<bid>(&each)) {
                        state.what ? give(*its) : state.waiting.push_back(*its);
                    } else {
                        state.what = *std::get_if<auction>(&each);
                        for (const bid& early : state.waiting) give(early);
                        state.waiting = {};
                    }
                };
                return weir::graph("q20", auctions_and_bids(log) | weir::key_by(&auction_of) |
                                              weir::process<bids_of_auction, won>(meet) |
                                              weir::into(weir::for_each([&to](const won& each) {
                                                  to.take(each.by.auction, each.by.bidder, each.by.price, each.by.at,
                                                          each.what.seller, each.what.reserve, each.what.expires);
                                              })));
            },
            as_they_are,
            [](const events& all) {
                std::map<id, auction> chosen;
                for (const event& each : all) {
                    const auto* its = std::get_if<auction>(&each);
                    if (its != nullptr && its->category == 10) chosen[its->id] = *its;
                }
                rows made;
                for_each_bid(all, [&](const bid& each) {
                    const auto its = chosen.find(each.auction);
                    if (its == chosen.end()) return;
                    made.push_back({each.auction, each.bidder, each.price, word(each.at), its->second.seller,
                                    its->second.reserve, word(its->second.expires)});
                });
                return made;
            }};
}

}  // namespace

void add_join_queries(std::vector<query>& queries) {
    for (auto* make : {&local_items, &mean_of_winning_bids, &winning_bids, &bids_with_auctions}) {
        queries.push_back(make());
    }
}

}  // namespace nexmark

// SPDX-License-Identifier: Apache-2.0
// q18: the last bid of each bidder for each auction. q19: the ten highest bids for each auction. Both as updates: a
// result comes when a bid becomes the last one, or one of the ten, with its rank. As published, nothing is forgotten.
#include <map>
#include <tuple>

#include "queries.hpp"

namespace nexmark {
namespace {

using bidder_and_auction = std::pair<id, id>;

struct newest {
    weir::timestamp at = weir::time_lowest;
};
BOOST_DESCRIBE_STRUCT(newest, (), (at))

[[nodiscard]] query last_bids() {
    return {"q18", "last bid per bidder and auction, updates",
            [](const event_log& log, results& to) {
                const auto key = [](const bid& each) { return bidder_and_auction{each.bidder, each.auction}; };
                return weir::graph("q18", timed_bids(log) | weir::key_by(key) |
                                              weir::process<newest, bid>(
                                                  [](auto& context, const bid& each, newest& state) {
                                                      if (each.at < state.at) return;
                                                      state.at = each.at;
                                                      context.emit(each);
                                                  }) |
                                              weir::into(weir::for_each([&to](const bid& each) {
                                                  to.take(each.bidder, each.auction, each.price, each.at);
                                              })));
            },
            [](const rows& updates) {
                std::map<std::pair<std::uint64_t, std::uint64_t>, row> last;
                for (const row& each : updates) last[{each[0], each[1]}] = each;
                rows made;
                for (const auto& [key, each] : last) made.push_back(each);
                return made;
            },
            [](const events& all) {
                std::map<bidder_and_auction, std::vector<const bid*>> bids;
                for_each_bid(all, [&](const bid& each) { bids[{each.bidder, each.auction}].push_back(&each); });
                rows made;
                for (const auto& [key, each] : bids) {
                    const auto earlier = [](const bid* left, const bid* right) { return left->at < right->at; };
                    const bid& last = **std::max_element(each.begin(), each.end(), earlier);
                    made.push_back({key.first, key.second, last.price, word(last.at)});
                }
                return made;
            }};
}

// The highest first, of equal prices the earlier bid.
struct ten_highest {
    std::vector<bid> bids;
};
struct ranked_bid {
    bid of;
    std::uint64_t rank = 0;  // from 1
};
BOOST_DESCRIBE_STRUCT(ten_highest, (), (bids))

[[nodiscard]] query top_ten() {
    return {"q19", "ten highest bids per auction, updates",
            [](const event_log& log, results& to) {
                const auto rank = [](auto& context, const bid& each, ten_highest& state) {
                    const auto above = [](const bid& left, const bid& right) {
                        return std::tuple{right.price, left.at} < std::tuple{left.price, right.at};
                    };
                    auto& best = state.bids;
                    if (best.size() == 10 && !above(each, best.back())) return;
                    const auto place = std::upper_bound(best.begin(), best.end(), each, above) - best.begin();
                    if (best.size() == 10) best.pop_back();
                    best.insert(best.begin() + place, each);
                    context.emit({each, static_cast<std::uint64_t>(place) + 1});
                };
                return weir::graph("q19", timed_bids(log) | weir::key_by(&bid::auction) |
                                              weir::process<ten_highest, ranked_bid>(rank) |
                                              weir::into(weir::for_each([&to](const ranked_bid& each) {
                                                  to.take(each.of.auction, each.rank, each.of.bidder, each.of.price,
                                                          each.of.at);
                                              })));
            },
            // A bid that takes a rank moves those at and below it down, and the eleventh out.
            [](const rows& updates) {
                std::map<std::uint64_t, std::vector<row>> lists;
                for (const row& each : updates) {
                    std::vector<row>& list = lists[each[0]];
                    list.insert(list.begin() + static_cast<std::ptrdiff_t>(each[1] - 1), each);
                    if (list.size() > 10) list.pop_back();
                }
                rows made;
                for (auto& [auction, list] : lists) {
                    for (std::size_t i = 0; i < list.size(); ++i) {
                        list[i][1] = i + 1;
                        made.push_back(list[i]);
                    }
                }
                return made;
            },
            [](const events& all) {
                std::map<id, std::vector<bid>> bids;
                for_each_bid(all, [&](const bid& each) { bids[each.auction].push_back(each); });
                rows made;
                for (auto& [auction, of_it] : bids) {
                    std::sort(of_it.begin(), of_it.end(), [](const bid& left, const bid& right) {
                        return left.price != right.price ? left.price > right.price : left.at < right.at;
                    });
                    for (std::size_t i = 0; i < std::min<std::size_t>(10, of_it.size()); ++i) {
                        made.push_back({auction, i + 1, of_it[i].bidder, of_it[i].price, word(of_it[i].at)});
                    }
                }
                return made;
            }};
}

}  // namespace

void add_rank_queries(std::vector<query>& queries) {
    queries.push_back(last_bids());
    queries.push_back(top_ten());
}

}  // namespace nexmark

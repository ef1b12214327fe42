// SPDX-License-Identifier: Apache-2.0
// q5: the auctions with most bids in the last 10 s, every 2 s. q7: the highest bids of each 10 s. q8: who registered
// and put something up within the same 10 s. q11: bids of a bidder in one session of 10 s. q12: bids of a bidder per
// 10 s; published with processing time, which a graph has only by name: here in event time, the same work on time that
// repeats. q17: what was bid per auction and day.
#include <map>
#include <set>
#include <tuple>

#include "queries.hpp"

namespace nexmark {
namespace {

[[nodiscard]] weir::timestamp start_of(weir::timestamp at, weir::duration size) {
    return at - at.time_since_epoch() % size;  // no times before 1970 here
}

// q5 ------------------------------------------------------------------------------------------------------------------

struct hottest {
    std::uint64_t bids = 0;
    std::vector<id> auctions;
};
struct hot_auction {
    id auction = 0;
    std::uint64_t bids = 0;
    weir::timestamp end{};
};
BOOST_DESCRIBE_STRUCT(hottest, (), (bids, auctions))
BOOST_DESCRIBE_STRUCT(hot_auction, (), (auction, bids, end))

// All counts of a window come before the timer at its end.
[[nodiscard]] auto most_bids() {
    return weir::process<hottest, hot_auction>(
        [](auto& context, const auto& counted, hottest& best) {
            const std::uint64_t bids = weir::get<0>(counted);
            if (best.bids == 0) context.set_timer(counted.end - weir::duration{1});
            if (bids < best.bids) return;
            if (bids > best.bids) best.auctions.clear();
            best.bids = bids;
            best.auctions.push_back(counted.key);
        },
        [](auto& context, weir::timestamp end, hottest& best) {
            for (const id each : best.auctions) context.emit({each, best.bids, end});
            context.forget();
        });
}

[[nodiscard]] query hot_items() {
    return {"q5", "hot items of 10 s, every 2 s",
            [](const event_log& log, results& to) {
                return weir::graph("q5", timed_bids(log) | weir::key_by(&bid::auction) |
                                             weir::window(weir::sliding(10s, 2s)) | weir::aggregate(weir::count()) |
                                             weir::key_by([](const auto& counted) { return counted.end; }) |
                                             most_bids() | weir::into(weir::for_each([&to](const hot_auction& each) {
                                                 to.take(each.auction, each.bids, each.end);
                                             })));
            },
            as_they_are,
            [](const events& all) {
                std::map<weir::timestamp, std::map<id, std::uint64_t>> counts;
                for_each_bid(all, [&](const bid& each) {
                    const weir::timestamp last = start_of(each.at, 2s);
                    for (int i = 0; i < 5; ++i) ++counts[last - 2s * i + 10s][each.auction];
                });
                rows made;
                for (const auto& [end, of_auction] : counts) {
                    std::uint64_t most = 0;
                    for (const auto& [auction, bids] : of_auction) most = std::max(most, bids);
                    for (const auto& [auction, bids] : of_auction) {
                        if (bids == most) made.push_back({auction, bids, word(end)});
                    }
                }
                return made;
            }};
}

// q7 ------------------------------------------------------------------------------------------------------------------

// The highest bids of a window; several only if their prices are the same.
struct highest_bids {
    struct state_type {
        std::vector<bid> best;
        BOOST_DESCRIBE_CLASS(state_type, (), (best), (), ())
    };
    static constexpr bool commutes = true;

    [[nodiscard]] state_type create() const { return {}; }
    void add(state_type& state, const bid& each) const {
        if (!state.best.empty()) {
            if (each.price < state.best.front().price) return;
            if (each.price > state.best.front().price) state.best.clear();
        }
        state.best.push_back(each);
    }
    void merge(state_type& state, const state_type& other) const {
        for (const bid& each : other.best) add(state, each);
    }
    // In an order that does not depend on how they came.
    [[nodiscard]] std::vector<bid> result(const state_type& state) const {
        std::vector<bid> sorted = state.best;
        std::sort(sorted.begin(), sorted.end(), [](const bid& left, const bid& right) {
            return std::tie(left.at, left.auction, left.bidder) < std::tie(right.at, right.auction, right.bidder);
        });
        return sorted;
    }
    [[nodiscard]] std::string name() const { return "highest"; }
};

[[nodiscard]] query highest() {
    return {"q7", "highest bids of 10 s",
            [](const event_log& log, results& to) {
                return weir::graph(
                    "q7", timed_bids(log) | weir::key_by([](const bid&) { return 0; }) |
                              weir::window(weir::tumbling(10s)) | weir::aggregate(highest_bids{}) |
                              weir::into(weir::for_each([&to](const auto& window) {
                                  for (const bid& each : weir::get<0>(window)) {
                                      to.take(each.auction, each.bidder, each.price, each.at, window.end);
                                  }
                              })));
            },
            as_they_are,
            [](const events& all) {
                std::map<weir::timestamp, std::uint64_t> most;
                for_each_bid(all, [&](const bid& each) {
                    std::uint64_t& price = most[start_of(each.at, 10s)];
                    price = std::max(price, each.price);
                });
                rows made;
                for_each_bid(all, [&](const bid& each) {
                    const weir::timestamp start = start_of(each.at, 10s);
                    if (each.price != most[start]) return;
                    made.push_back({each.auction, each.bidder, each.price, word(each.at), word(start + 10s)});
                });
                return made;
            }};
}

// q8 ------------------------------------------------------------------------------------------------------------------

struct step_of_person {
    id who = 0;
    bool registers = false;
    std::uint8_t first = 0, last = 0;
};
struct new_sellers {
    struct state_type {
        bool registered = false, sells = false;
        std::uint8_t first = 0, last = 0;
        BOOST_DESCRIBE_CLASS(state_type, (), (registered, sells, first, last), (), ())
    };
    static constexpr bool commutes = true;  // a person registers once

    [[nodiscard]] state_type create() const { return {}; }
    void add(state_type& state, const step_of_person& each) const {
        if (!each.registers) {
            state.sells = true;
            return;
        }
        state.registered = true;
        state.first = each.first;
        state.last = each.last;
    }
    void merge(state_type& state, const state_type& other) const {
        if (other.registered) add(state, {0, true, other.first, other.last});
        state.sells = state.sells || other.sells;
    }
    [[nodiscard]] state_type result(const state_type& state) const { return state; }
    [[nodiscard]] std::string name() const { return "new_sellers"; }
};

[[nodiscard]] query who_sells_at_once() {
    return {"q8", "new people who sell, by 10 s",
            [](const event_log& log, results& to) {
                return weir::graph(
                    "q8", timed(log) | weir::filter([](const event& each) { return !is_bid{}(each); }) |
                              weir::map([](const event& each) {
                                  if (const auto* seller = std::get_if<auction>(&each)) {
                                      return step_of_person{seller->seller};
                                  }
                                  const person& his = *std::get_if<person>(&each);
                                  return step_of_person{his.id, true, his.first, his.last};
                              }) |
                              weir::key_by(&step_of_person::who) | weir::window(weir::tumbling(10s)) |
                              weir::aggregate(new_sellers{}) | weir::filter([](const auto& window) {
                                  return weir::get<0>(window).registered && weir::get<0>(window).sells;
                              }) |
                              weir::into(weir::for_each([&to](const auto& window) {
                                  const auto& found = weir::get<0>(window);
                                  to.take(window.key, std::uint64_t{found.first}, std::uint64_t{found.last},
                                          window.start);
                              })));
            },
            as_they_are,
            [](const events& all) {
                std::set<std::pair<weir::timestamp, id>> selling;
                for (const event& each : all) {
                    if (const auto* its = std::get_if<auction>(&each)) {
                        selling.emplace(start_of(its->at, 10s), its->seller);
                    }
                }
                rows made;
                for (const event& each : all) {
                    const auto* its = std::get_if<person>(&each);
                    if (its == nullptr || !selling.contains({start_of(its->at, 10s), its->id})) continue;
                    made.push_back({its->id, its->first, its->last, word(start_of(its->at, 10s))});
                }
                return made;
            }};
}

// q11, q12 ------------------------------------------------------------------------------------------------------------

template <class Window>
[[nodiscard]] weir::graph counted_by_bidder(const char* name, const event_log& log, Window window, results& to) {
    return weir::graph(name, timed_bids(log) | weir::key_by(&bid::bidder) | weir::window(window) |
                                 weir::aggregate(weir::count()) |
                                 weir::into(weir::for_each([&to](const auto& each) {
                                     to.take(each.key, weir::get<0>(each), each.start, each.end);
                                 })));
}

[[nodiscard]] query sessions() {
    return {"q11", "bids of a bidder per session",
            [](const event_log& log, results& to) {
                return counted_by_bidder("q11", log, weir::session(10s), to);
            },
            as_they_are,
            [](const events& all) {
                std::map<id, std::set<weir::timestamp>> bids;  // no two bids have one time
                for_each_bid(all, [&](const bid& each) { bids[each.bidder].insert(each.at); });
                rows made;
                for (const auto& [bidder, times] : bids) {
                    auto first = times.begin();
                    std::uint64_t count = 0;
                    for (auto each = times.begin(); each != times.end(); ++each) {
                        ++count;
                        const auto next = std::next(each);
                        if (next != times.end() && *next - *each <= 10s) continue;
                        made.push_back({bidder, count, word(*first), word(*each + 10s)});
                        first = next;
                        count = 0;
                    }
                }
                return made;
            }};
}
[[nodiscard]] query tumbling_counts() {
    return {"q12", "bids of a bidder per 10 s, event time",
            [](const event_log& log, results& to) {
                return counted_by_bidder("q12", log, weir::tumbling(10s), to);
            },
            as_they_are,
            [](const events& all) {
                std::map<std::pair<weir::timestamp, id>, std::uint64_t> counts;
                for_each_bid(all, [&](const bid& each) { ++counts[{start_of(each.at, 10s), each.bidder}]; });
                rows made;
                for (const auto& [key, count] : counts) {
                    made.push_back({key.second, count, word(key.first), word(key.first + 10s)});
                }
                return made;
            }};
}

// q17 -----------------------------------------------------------------------------------------------------------------

constexpr std::uint64_t cheap = 10'000, dear = 1'000'000;

template <bool Of(std::uint64_t)>
[[nodiscard]] auto number_of(const char* name) {
    return weir::as(name, weir::sum([](const bid& each) { return std::uint64_t{Of(each.price)}; }));
}
constexpr bool is_cheap(std::uint64_t price) { return price < cheap; }
constexpr bool is_between(std::uint64_t price) { return price >= cheap && price < dear; }
constexpr bool is_dear(std::uint64_t price) { return price >= dear; }

[[nodiscard]] query by_day() {
    return {"q17", "bids per auction and day",
            [](const event_log& log, results& to) {
                return weir::graph(
                    "q17", timed_bids(log) | weir::key_by(&bid::auction) | weir::window(weir::tumbling(24h)) |
                               weir::aggregate(weir::count(), number_of<is_cheap>("rank1_bids"),
                                               number_of<is_between>("rank2_bids"), number_of<is_dear>("rank3_bids"),
                                               weir::min(&bid::price), weir::max(&bid::price), weir::sum(&bid::price)) |
                               weir::into(weir::for_each([&to](const auto& each) {
                                   const auto& [count, rank1, rank2, rank3, least, most, sum] = each.results;
                                   const double mean = static_cast<double>(sum) / static_cast<double>(count);
                                   to.take(each.key, count, std::uint64_t{rank1}, std::uint64_t{rank2},
                                           std::uint64_t{rank3}, least, most, mean);
                               })));
            },
            as_they_are,
            [](const events& all) {
                std::map<std::pair<id, weir::timestamp>, std::vector<std::uint64_t>> prices;
                for_each_bid(all, [&](const bid& each) {
                    prices[{each.auction, start_of(each.at, 24h)}].push_back(each.price);
                });
                rows made;
                for (const auto& [key, of_day] : prices) {
                    row each{key.first, of_day.size(), 0, 0, 0, of_day.front(), 0, 0};
                    std::uint64_t sum = 0;
                    for (const std::uint64_t price : of_day) {
                        ++each[price < 10'000 ? 2 : (price < 1'000'000 ? 3 : 4)];
                        each[5] = std::min(each[5], price);
                        each[6] = std::max(each[6], price);
                        sum += price;
                    }
                    each[7] = word(static_cast<double>(sum) / static_cast<double>(of_day.size()));
                    made.push_back(each);
                }
                return made;
            }};
}

}  // namespace

void add_window_queries(std::vector<query>& queries) {
    for (auto* make : {&hot_items, &highest, &who_sells_at_once, &sessions, &tumbling_counts, &by_day}) {
        queries.push_back(make());
    }
}

}  // namespace nexmark

// SPDX-License-Identifier: Apache-2.0
// Patterns by card, against the state machine that one writes by hand for each.
#include <deque>

#include "speed_by_hand.hpp"

namespace speed {
namespace {

constexpr weir::pattern_stage<"low"> low;
constexpr weir::pattern_stage<"middle"> middle;
constexpr weir::pattern_stage<"high"> high;
constexpr weir::duration limit = 5s;

constexpr auto is_low = [](const payment& each) { return each.amount < 200; };
constexpr auto is_middle = [](const payment& each) { return each.amount >= 400 && each.amount < 600; };
constexpr auto is_high = [](const payment& each) { return each.amount >= 800; };

struct three {
    double first = 0, second = 0, third = 0;
};
void take(checksum& to, const three& found) { to.take(found.first + found.second * 3 + found.third * 7); }

// One behind the other, nothing between: a card is in one of three states.
class steps {
  public:
    explicit steps(checksum& to) : to_(to) {}
    void take(const payment& each) {
        const weir::timestamp now = watermark_.now();
        watermark_.observe(each.at);
        if (each.at < now) return;
        state& of = of_card_[each.card];
        const bool in_time = each.at - of.start < limit;
        if (of.stage == 1 && in_time && is_middle(each)) {
            of.stage = 2;
            of.found.second = each.amount;
            return;
        }
        if (of.stage == 2 && in_time && is_high(each)) {
            of.found.third = each.amount;
            speed::take(to_, of.found);
        }
        of.stage = is_low(each) ? 1 : 0;
        if (of.stage == 1) of = {1, each.at, {each.amount, 0, 0}};
    }

  private:
    struct state {
        int stage = 0;
        weir::timestamp start{};
        three found{};
    };
    checksum& to_;
    by_hand::flat_map<state> of_card_;
    by_hand::watermark watermark_;
};

// A low one, then any higher by a factor of four, then a high one, whatever lies between: the next that fits each.
class rising {
  public:
    explicit rising(checksum& to) : to_(to) {}
    void take(const payment& each) {
        const weir::timestamp now = watermark_.now();
        watermark_.observe(each.at);
        if (each.at < now) return;
        std::deque<run>& runs = of_card_[each.card];
        while (!runs.empty() && runs.front().start + limit <= now) runs.pop_front();
        for (run& one : runs) {
            if (one.stage == 3 || each.at - one.start >= limit) continue;
            if (one.stage == 1 && is_middle(each) && each.amount > 4 * one.found.first) {
                one.stage = 2;
                one.found.second = each.amount;
            } else if (one.stage == 2 && is_high(each)) {
                one.stage = 3;
                one.found.third = each.amount;
                speed::take(to_, one.found);
            }
        }
        if (is_low(each)) runs.push_back({1, each.at, {each.amount, 0, 0}});
    }

  private:
    struct run {
        int stage = 0;
        weir::timestamp start{};
        three found{};
    };
    checksum& to_;
    by_hand::flat_map<std::deque<run>> of_card_;
    by_hand::watermark watermark_;
};

template <class ByHand, class Pattern>
contest prepare(std::size_t records, std::uint64_t cards, double per_window, const Pattern& pattern) {
    const auto log = std::make_shared<payments>(make_payments(records, cards, per_window));
    auto total = std::make_shared<checksum>();
    const auto tell = [](const auto& match) {
        return three{match[low].back().amount, match[middle].back().amount, match[high].back().amount};
    };
    const weir::graph graph("pattern", weir::memory(*log) |
                                           weir::event_time(&payment::at, weir::out_of_order(disorder)) |
                                           weir::key_by(&payment::card) |
                                           weir::match(pattern, tell, weir::as_they_come) |
                                           weir::into(weir::for_each([to = total.get()](const three& found) {
                                               take(*to, found);
                                           })));
    contest made{records, {}, {}, {}};
    made.weir = [graph, total] {
        *total = {};
        weir::run(graph, weir::batch{});
        return *total;
    };
    made.by_hand = [log] {
        checksum found;
        ByHand worker(found);
        for (const payment& each : *log) worker.take(each);
        return found;
    };
    return made;
}

contest in_steps(std::size_t records, std::uint64_t cards, double per_window) {
    return prepare<steps>(records, cards, per_window,
                          weir::pattern(weir::begin(low, is_low), weir::next(middle, is_middle),
                                        weir::next(high, is_high), weir::within(limit)));
}
contest looking_back(std::size_t records) {
    const auto higher = [](const payment& each, const auto& so_far) {
        return each.amount > 4 * so_far[low].back().amount;
    };
    return prepare<rising>(records, 10'000, 20,
                           weir::pattern(weir::begin(low, is_low), weir::followed_by(middle, is_middle, higher),
                                         weir::followed_by(high, is_high), weir::within(limit)));
}

}  // namespace

void add_pattern_cases(std::vector<speed_case>& cases) {
    cases.push_back({"pattern", "pattern of three steps, 10 k cards", 1.3, 2'000'000,
                     [](std::size_t records) { return in_steps(records, 10'000, 20); }});
    cases.push_back({"pattern_1m", "the same, 1 M cards", 1.3, 4'000'000,
                     [](std::size_t records) { return in_steps(records, 1'000'000, 5); }});
    cases.push_back({"pattern_looking_back", "one that looks back, several begun", 1.3, 2'000'000, looking_back});
}

}  // namespace speed

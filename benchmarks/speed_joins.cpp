// SPDX-License-Identifier: Apache-2.0
// Two logs of one half of the records each, joined where card and time agree within a fifth of a second, which is one
// record in ten. By hand the two logs are merged by watermark, and each card keeps what may still be paired.
#include <deque>

#include "speed_by_hand.hpp"

namespace speed {
namespace {

constexpr weir::duration near = 100ms;
using pair_type = weir::joined<payment, payment>;

void take(checksum& to, const payment& left, const payment& right) {
    to.take(left.amount * 3 + right.amount);
    to.bits += static_cast<std::uint64_t>((left.at - right.at).count());
}

class joining {
  public:
    explicit joining(checksum& to) : to_(to) {}

    template <bool Left> void take(const payment& each, weir::timestamp watermark) {
        if (each.at < watermark) return;
        sides& both = of_card_[each.card];
        auto& own = Left ? both.left : both.right;
        auto& others = Left ? both.right : both.left;
        while (!others.empty() && others.front().at + near < watermark) others.pop_front();
        for (const payment& other : others) {
            if (other.at > each.at + near) break;
            if (other.at >= each.at - near) speed::take(to_, Left ? each : other, Left ? other : each);
        }
        auto place = own.end();
        while (place != own.begin() && std::prev(place)->at > each.at) --place;
        own.insert(place, each);
    }

  private:
    struct sides {
        std::deque<payment> left, right;
    };
    checksum& to_;
    by_hand::flat_map<sides> of_card_;
};

checksum by_hand_loop(const payments& left, const payments& right) {
    checksum total;
    joining worker(total);
    by_hand::watermark marks[2];
    std::size_t l = 0;
    std::size_t r = 0;
    while (l < left.size() || r < right.size()) {
        const bool first = r == right.size() || (l < left.size() && marks[0].now() <= marks[1].now());
        if (first) {
            worker.take<true>(left[l], marks[0].now());
            marks[0].observe(left[l++].at);
        } else {
            worker.take<false>(right[r], marks[1].now());
            marks[1].observe(right[r++].at);
        }
    }
    return total;
}

contest prepare(std::size_t records) {
    // About 0.5 records per card and second on each side: a tenth finds another within 0.1 s before or behind it.
    auto left = std::make_shared<payments>(make_payments(records / 2, 10'000, 5));
    auto right = std::make_shared<payments>(make_payments(records / 2 + 1, 10'000, 5));
    right->erase(right->begin());
    for (payment& each : *right) each.card = (each.card * 7919 + 13) % 10'000;
    auto total = std::make_shared<checksum>();
    const auto keyed = [](const payments& log) {
        return weir::memory(log) | weir::event_time(&payment::at, weir::out_of_order(disorder)) |
               weir::key_by(&payment::card);
    };
    const weir::graph graph("join", weir::interval_join(keyed(*left), keyed(*right), weir::between(-near, near)) |
                                        weir::into(weir::for_each([to = total.get()](const pair_type& pair) {
                                            take(*to, pair.left, pair.right);
                                        })));
    contest made{records / 2 * 2, {}, {}, {}};
    made.weir = [graph, total] {
        *total = {};
        weir::run(graph, weir::batch{});
        return *total;
    };
    made.by_hand = [left, right] { return by_hand_loop(*left, *right); };
    return made;
}

}  // namespace

void add_join_cases(std::vector<speed_case>& cases) {
    // Two million records per second. By hand no key is ever forgotten; weir forgets one when nothing of it can be
    // paired.
    cases.push_back({"interval_join", "interval join, a tenth is paired, more by", 450, 2'000'000, prepare, true});
}

}  // namespace speed

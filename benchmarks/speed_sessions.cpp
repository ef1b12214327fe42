// SPDX-License-Identifier: Apache-2.0
// Count and sum per card and session of two seconds: what a record joins is looked for among the card's open sessions,
// and a heap says which session ends next.
#include <queue>

#include <boost/container/small_vector.hpp>

#include "speed_by_hand.hpp"

namespace speed {
namespace {

constexpr weir::duration gap = 2s;

constexpr auto consume_into(checksum* to) {
    return [to](const by_hand::window_row& row) {
        to->take(row.get<1>() + static_cast<double>(row.get<0>()) + static_cast<double>(row.key));
        to->bits += static_cast<std::uint64_t>((row.end - row.start).count());
    };
}

template <class Sum, class Consume>
class sessions {
  public:
    explicit sessions(Consume consume) : consume_(std::move(consume)) {}

    void take(const payment& each) {
        const weir::timestamp now = watermark_.now();
        while (!ends_.empty() && ends_.top().end <= now) end_first(now);
        session own{each.at, each.at + gap, {}};
        auto& open = open_[each.card];
        auto place = open.begin();
        while (place != open.end() && place->end < own.start) ++place;
        if (place == open.end() || place->start > own.end) {
            if (own.end <= now) {  // late
                if (open.empty()) open_.erase(each.card);
                watermark_.observe(each.at);
                return;
            }
            if (open.empty()) ends_.push({own.end, each.card});
            place = open.insert(place, own);
        } else {
            place->start = std::min(place->start, own.start);
            place->end = std::max(place->end, own.end);
            if (place + 1 != open.end() && (place + 1)->start <= own.end) {
                place->end = std::max(place->end, (place + 1)->end);
                place->state.merge((place + 1)->state);
                open.erase(place + 1);
            }
        }
        place->state.add(each.amount);
        watermark_.observe(each.at);
    }
    void finish() {
        while (!ends_.empty()) end_first(weir::time_highest);
    }

  private:
    struct session {
        weir::timestamp start, end;
        by_hand::totals<Sum> state;
    };
    struct end_of_session {
        weir::timestamp end;
        std::uint64_t card;
        friend bool operator<(const end_of_session& a, const end_of_session& b) { return a.end > b.end; }
    };

    // Of the card whose session was to end first; it may have become longer.
    void end_first(weir::timestamp now) {
        const std::uint64_t card = ends_.top().card;
        ends_.pop();
        const auto found = open_.find(card);
        auto& open = found->second;
        while (!open.empty() && open.front().end <= now) {
            const session& done = open.front();
            consume_(by_hand::window_row{card, done.start, done.end, {done.state.count, done.state.sum.value()}});
            open.erase(open.begin());
        }
        if (open.empty()) {
            open_.erase(found);
        } else {
            ends_.push({open.front().end, card});
        }
    }

    Consume consume_;
    by_hand::watermark watermark_;
    by_hand::flat_map<boost::container::small_vector<session, 2>> open_;
    std::priority_queue<end_of_session> ends_;
};

template <class Sum> std::function<checksum()> loop(std::shared_ptr<payments> input) {
    return [input = std::move(input)] {
        checksum total;
        const auto consume = consume_into(&total);
        sessions<Sum, decltype(consume)> worker(consume);
        for (const payment& each : *input) worker.take(each);
        worker.finish();
        return total;
    };
}

contest prepare(std::size_t records) {
    auto input = std::make_shared<payments>(make_payments(records, 10'000, 7.5));
    auto total = std::make_shared<checksum>();
    const weir::graph graph("sessions", weir::memory(*input) |
                                            weir::event_time(&payment::at, weir::out_of_order(disorder)) |
                                            weir::key_by(&payment::card) | weir::window(weir::session(gap)) |
                                            weir::aggregate(weir::count(), weir::sum(&payment::amount)) |
                                            weir::into(weir::for_each(consume_into(total.get()))));
    const auto in_weir = [graph, total] {
        *total = {};
        weir::run(graph, weir::batch{});
        return *total;
    };
    return {records, in_weir, loop<weir::exact_sum>(input), loop<by_hand::plain_sum>(input)};
}

}  // namespace

void add_session_cases(std::vector<speed_case>& cases) {
    cases.push_back({"sessions_10k", "sessions of 2 s, 10 k keys", 1.3, 2'000'000, prepare});
}

}  // namespace speed

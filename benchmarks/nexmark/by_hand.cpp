// SPDX-License-Identifier: Apache-2.0
// q5, q7 and q12 as a good engineer writes them for this job: one loop, the watermark a number, a table per pane or
// window, and the last window at hand. Lateness and the end of windows mean the same as in weir.
#include <algorithm>
#include <deque>
#include <memory>

#include <boost/unordered/unordered_flat_map.hpp>

#include "queries.hpp"

namespace nexmark {
namespace {

struct mixed {
    using is_avalanching = void;  // boost need not mix again
    std::size_t operator()(std::uint64_t key) const noexcept { return weir::mix_bits(key); }
};
using counts = boost::unordered_flat_map<id, std::uint64_t, mixed>;

// What is kept of each slice of `size` in time, the oldest first, and the watermark that ends slices. done(end, slice)
// is called for each slice, also for such as nobody asked for between two others.
template <class Slice>
class slices {
  public:
    explicit slices(weir::duration size) : size_(size) {}

    // Ends what is due, before the record that comes now.
    template <class Done> void advance(Done&& done) {
        if (now_ >= next_end_) end_below(now_, done);
    }
    // That of this time; null if it has ended.
    [[nodiscard]] Slice* of(weir::timestamp at) {
        if (!(at >= end_ - size_ && at < end_)) choose(at);
        return slice_;
    }
    void observe(weir::timestamp at) { now_ = std::max(now_, at - disorder); }
    template <class Done> void finish(Done&& done) { end_below(weir::time_highest, done); }

  private:
    void choose(weir::timestamp at) {
        end_ = at - at.time_since_epoch() % size_ + size_;
        slice_ = nullptr;
        if (end_ <= now_) return;
        if (open_.empty()) first_end_ = end_;
        while (end_ < first_end_) {
            open_.push_front(fresh());
            first_end_ -= size_;
        }
        const auto place = static_cast<std::size_t>((end_ - first_end_) / size_);
        while (open_.size() <= place) open_.push_back(fresh());
        next_end_ = first_end_;
        slice_ = open_[place].get();
    }
    [[nodiscard]] std::unique_ptr<Slice> fresh() {
        if (spare_.empty()) return std::make_unique<Slice>();
        auto made = std::move(spare_.back());
        spare_.pop_back();
        return made;
    }
    template <class Done> void end_below(weir::timestamp limit, Done& done) {
        while (!open_.empty() && first_end_ <= limit) {
            done(first_end_, *open_.front());
            open_.front()->clear();
            spare_.push_back(std::move(open_.front()));
            open_.pop_front();
            first_end_ += size_;
        }
        next_end_ = open_.empty() ? weir::time_highest : first_end_;
        end_ = weir::timestamp{};  // choose again
    }

    weir::duration size_;
    std::deque<std::unique_ptr<Slice>> open_;
    std::vector<std::unique_ptr<Slice>> spare_;
    weir::timestamp first_end_{};
    weir::timestamp next_end_ = weir::time_highest;
    weir::timestamp now_ = weir::time_lowest;
    weir::timestamp end_{};  // of the last record's slice
    Slice* slice_ = nullptr;
};

// The counts of the last five panes that have ended; each is added when it ends and taken off when it leaves.
class last_panes {
  public:
    explicit last_panes(results& to) : to_(to) {}

    void end(weir::timestamp at, const counts& pane) {
        for (const auto& [auction, count] : pane) total_[auction] += count;
        kept_.emplace_back(pane.begin(), pane.end());
        tell(at);
        if (kept_.size() == 5) leave();
    }
    // Windows that begin before the last pane have not ended yet.
    void finish(weir::timestamp last) {
        for (int i = 1; i < 5; ++i) {
            kept_.emplace_back();
            tell(last + i * 2s);
            if (kept_.size() == 5) leave();
        }
    }

  private:
    void tell(weir::timestamp end) {
        std::uint64_t most = 0;
        for (const auto& [auction, count] : total_) most = std::max(most, count);
        for (const auto& [auction, count] : total_) {
            if (count == most) to_.take(auction, count, end);
        }
    }
    void leave() {
        for (const auto& [auction, count] : kept_.front()) {
            const auto place = total_.find(auction);
            if ((place->second -= count) == 0) total_.erase(place);
        }
        kept_.pop_front();
    }

    results& to_;
    counts total_;
    std::deque<std::vector<std::pair<id, std::uint64_t>>> kept_;
};

void hot_items(const events& all, results& to) {
    slices<counts> panes(2s);
    last_panes window(to);
    weir::timestamp last{};
    const auto done = [&](weir::timestamp end, const counts& pane) { window.end(last = end, pane); };
    for_each_bid(all, [&](const bid& each) {
        panes.advance(done);
        if (counts* const pane = panes.of(each.at)) ++(*pane)[each.auction];
        panes.observe(each.at);
    });
    panes.finish(done);
    window.finish(last);
}

void highest(const events& all, results& to) {
    slices<std::vector<bid>> windows(10s);
    const auto done = [&](weir::timestamp end, const std::vector<bid>& best) {
        for (const bid& each : best) to.take(each.auction, each.bidder, each.price, each.at, end);
    };
    for_each_bid(all, [&](const bid& each) {
        windows.advance(done);
        if (std::vector<bid>* const best = windows.of(each.at)) {
            if (best->empty() || each.price >= best->front().price) {
                if (!best->empty() && each.price > best->front().price) best->clear();
                best->push_back(each);
            }
        }
        windows.observe(each.at);
    });
    windows.finish(done);
}

void tumbling_counts(const events& all, results& to) {
    slices<counts> windows(10s);
    const auto done = [&](weir::timestamp end, const counts& of_bidder) {
        for (const auto& [bidder, count] : of_bidder) to.take(bidder, count, end - 10s, end);
    };
    for_each_bid(all, [&](const bid& each) {
        windows.advance(done);
        if (counts* const window = windows.of(each.at)) ++(*window)[each.bidder];
        windows.observe(each.at);
    });
    windows.finish(done);
}

}  // namespace

void add_loops_by_hand(std::vector<query>& queries) {
    for (query& each : queries) {
        if (each.name == "q5") each.by_hand = &hot_items;
        if (each.name == "q7") each.by_hand = &highest;
        if (each.name == "q12") each.by_hand = &tumbling_counts;
    }
}

}  // namespace nexmark

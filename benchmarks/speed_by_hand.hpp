// SPDX-License-Identifier: Apache-2.0
// What weir is compared with: the loops that a good engineer writes by hand for one job, with weir's own accumulator
// or with plain doubles. Event time, lateness and the firing of windows mean the same here as there.
#pragma once
#include <algorithm>
#include <array>
#include <deque>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

#include <weir/aggregates/exact_sum.hpp>

#include "speed.hpp"

namespace speed::by_hand {

using window_row = weir::windowed<std::uint64_t, std::uint64_t, double>;
using rolling_row = weir::rolled<payment, std::array<double, 1>, std::array<double, 1>>;

struct plain_sum {
    double total = 0;
    void add(double value) noexcept { total += value; }
    void subtract(double value) noexcept { total -= value; }
    void merge(const plain_sum& other) noexcept { total += other.total; }
    void subtract(const plain_sum& other) noexcept { total -= other.total; }
    [[nodiscard]] double value() const noexcept { return total; }
};

struct mixed {
    using is_avalanching = void;  // boost need not mix again
    std::size_t operator()(std::uint64_t key) const noexcept { return weir::mix_bits(key); }
};
template <class Value> using flat_map = boost::unordered_flat_map<std::uint64_t, Value, mixed>;

template <class Sum> struct totals {
    std::uint64_t count = 0;
    Sum sum;

    void add(double amount) {
        ++count;
        sum.add(amount);
    }
    void merge(const totals& other) {
        count += other.count;
        sum.merge(other.sum);
    }
    void unmerge(const totals& other) {
        count -= other.count;
        sum.subtract(other.sum);
    }
};

// The largest time so far, less the disorder.
class watermark {
  public:
    [[nodiscard]] weir::timestamp now() const noexcept { return now_; }
    void observe(weir::timestamp at) noexcept { now_ = std::max(now_, at - disorder); }

  private:
    weir::timestamp now_ = weir::time_lowest;
};

[[nodiscard]] inline weir::timestamp start_of(weir::timestamp at, weir::duration size) {
    return at - at.time_since_epoch() % size;  // no times before 1970 here
}

// Count and sum per key in tumbling windows: a table per open window, mostly one.
template <class Sum, class Consume>
class tumbling {
  public:
    tumbling(weir::duration size, Consume consume) : size_(size), consume_(std::move(consume)) {}

    void take(const payment& each) {
        const weir::timestamp now = watermark_.now();
        if (now >= next_end_) fire(now);
        if (!(each.at >= end_ - size_ && each.at < end_)) choose(each.at);
        if (end_ <= now) {
            ++late_;
        } else {
            (*table_)[each.card].add(each.amount);
        }
        watermark_.observe(each.at);
    }
    void finish() { fire(weir::time_highest); }

  private:
    using table = flat_map<totals<Sum>>;
    struct open_window {
        weir::timestamp end;
        std::unique_ptr<table> by_card;
    };

    void choose(weir::timestamp at) {
        end_ = start_of(at, size_) + size_;
        if (end_ <= watermark_.now()) return;  // late
        auto place = open_.begin();
        while (place != open_.end() && place->end < end_) ++place;
        if (place == open_.end() || place->end != end_) {
            if (spare_.empty()) spare_.push_back(std::make_unique<table>());
            place = open_.insert(place, {end_, std::move(spare_.back())});
            spare_.pop_back();
        }
        table_ = place->by_card.get();
        next_end_ = open_.front().end;
    }
    void fire(weir::timestamp now) {
        while (!open_.empty() && open_.front().end <= now) {
            open_window& done = open_.front();
            for (const auto& [card, state] : *done.by_card) {
                consume_(window_row{card, done.end - size_, done.end, {state.count, state.sum.value()}});
            }
            done.by_card->clear();
            spare_.push_back(std::move(done.by_card));
            open_.erase(open_.begin());
        }
        next_end_ = open_.empty() ? weir::time_highest : open_.front().end;
        end_ = weir::timestamp{};  // choose again
    }

    weir::duration size_;
    Consume consume_;
    watermark watermark_;
    std::vector<open_window> open_;  // by end
    std::vector<std::unique_ptr<table>> spare_;
    table* table_ = nullptr;
    weir::timestamp end_{};  // of the last record's window
    weir::timestamp next_end_ = weir::time_highest;
    std::uint64_t late_ = 0;
};

// Count and sum per key in sliding windows: per key a ring of panes and the total of the panes in the window.
template <class Sum, class Consume>
class sliding {
  public:
    static constexpr std::size_t ring = 16;  // size / slide, and panes that are open beyond

    sliding(weir::duration size, weir::duration slide, Consume consume)
        : size_(size), slide_(slide), consume_(std::move(consume)) {}

    void take(const payment& each) {
        const weir::timestamp now = watermark_.now();
        if (now >= next_end_) fire(now);
        if (!(each.at >= pane_end_ - slide_ && each.at < pane_end_)) choose(each.at);
        if (pane_end_ - slide_ + size_ <= now) {
            ++late_;
        } else {
            card_state& state = table_[each.card];
            state.panes[pane_ % ring].add(each.amount);
            // The pane's first window has fired: it is in the running total already.
            if (pane_end_ <= fired_) state.total.add(each.amount);
        }
        watermark_.observe(each.at);
        newest_ = std::max(newest_, each.at);
    }
    void finish() { fire(start_of(newest_, slide_) + size_); }

  private:
    struct card_state {
        totals<Sum> total;
        std::array<totals<Sum>, ring> panes;
    };

    void choose(weir::timestamp at) {
        const weir::timestamp start = start_of(at, slide_);
        pane_ = static_cast<std::uint64_t>(start.time_since_epoch() / slide_);
        pane_end_ = start + slide_;
        if (pane_end_ > fired_) next_end_ = std::min(next_end_, pane_end_);
    }
    // Windows end where panes end: the pane that ends joins, then the oldest leaves.
    void fire(weir::timestamp now) {
        for (; next_end_ <= now; next_end_ += slide_) {
            const auto joins = static_cast<std::uint64_t>(next_end_.time_since_epoch() / slide_) - 1;
            const std::uint64_t leaves = joins + 1 - static_cast<std::uint64_t>(size_ / slide_);
            for (auto place = table_.begin(); place != table_.end();) {
                card_state& state = place->second;
                const totals<Sum>& joining = state.panes[joins % ring];
                if (joining.count != 0) state.total.merge(joining);
                if (state.total.count != 0) {
                    consume_(window_row{place->first, next_end_ - size_, next_end_,
                                        {state.total.count, state.total.sum.value()}});
                }
                totals<Sum>& leaving = state.panes[leaves % ring];
                if (leaving.count != 0) {
                    state.total.unmerge(leaving);
                    leaving = {};
                }
                if (state.total.count == 0 && silent(state)) {
                    table_.erase(place++);
                } else {
                    ++place;
                }
            }
            fired_ = next_end_;
        }
    }
    [[nodiscard]] static bool silent(const card_state& state) {
        return std::all_of(state.panes.begin(), state.panes.end(), [](const auto& each) { return each.count == 0; });
    }

    weir::duration size_;
    weir::duration slide_;
    Consume consume_;
    watermark watermark_;
    flat_map<card_state> table_;
    std::uint64_t pane_ = 0;
    weir::timestamp pane_end_{};
    weir::timestamp next_end_ = weir::time_highest;
    weir::timestamp fired_{};
    weir::timestamp newest_{};
    std::uint64_t late_ = 0;
};

// A queue in a ring that grows; the newest is at the back.
template <class T>
class ring_queue {
  public:
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] T& operator[](std::size_t index) noexcept { return slots_[(first_ + index) & (slots_.size() - 1)]; }
    [[nodiscard]] T& back() noexcept { return (*this)[size_ - 1]; }
    void push_back(const T& value) {
        if (size_ == slots_.size()) grow();
        ++size_;
        back() = value;
    }
    void pop_back() noexcept { --size_; }
    void pop_front() noexcept {
        ++first_;
        --size_;
    }
    void insert(std::size_t index, const T& value) {
        push_back(value);
        for (std::size_t i = size_ - 1; i > index; --i) std::swap((*this)[i], (*this)[i - 1]);
    }

  private:
    void grow() {
        std::vector<T> larger(std::max<std::size_t>(8, slots_.size() * 2));
        for (std::size_t i = 0; i < size_; ++i) larger[i] = (*this)[i];
        slots_.swap(larger);
        first_ = 0;
    }

    std::vector<T> slots_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

// Per record the sum and the largest amount of its card over the last `length`, as known when it came: subtract on
// evict, and a monotonic deque. A record out of order is answered by a walk.
template <class Sum, class Consume>
class rolling {
  public:
    rolling(weir::duration length, Consume consume) : length_(length), consume_(std::move(consume)) {}

    void take(const payment& each) {
        const weir::timestamp now = watermark_.now();
        if (each.at < now) {
            ++late_;
        } else {
            card_state& state = table_[each.card];
            if (state.items.empty() || state.items.back().at <= each.at) {
                follow(state, each);
            } else {
                insert(state, each, now);
            }
        }
        watermark_.observe(each.at);
        if (watermark_.now() > sweep_at_) sweep();
    }
    void finish() { table_.clear(); }

  private:
    struct item {
        weir::timestamp at;
        double amount;
    };
    // Items that have left the window stay in front while a record out of order may still ask for them.
    struct card_state {
        ring_queue<item> items;
        std::size_t begin = 0;  // the window of the newest
        Sum sum;
        ring_queue<item> largest;  // falling amounts, rising times
    };

    void follow(card_state& state, const payment& each) {
        state.items.push_back({each.at, each.amount});
        state.sum.add(each.amount);
        while (!state.largest.empty() && !(state.largest.back().amount > each.amount)) state.largest.pop_back();
        state.largest.push_back({each.at, each.amount});
        const weir::timestamp gone = each.at - length_;
        while (state.items[state.begin].at <= gone) state.sum.subtract(state.items[state.begin++].amount);
        while (state.largest[0].at <= gone) state.largest.pop_front();
        const weir::timestamp unreachable = watermark_.now() - length_;
        while (state.begin > 0 && state.items[0].at <= unreachable) {
            state.items.pop_front();
            --state.begin;
        }
        consume_(rolling_row{each, {{state.sum.value()}, {state.largest[0].amount}}});
    }
    void insert(card_state& state, const payment& each, weir::timestamp) {
        std::size_t place = state.items.size();
        while (place > 0 && state.items[place - 1].at > each.at) --place;
        state.items.insert(place, {each.at, each.amount});
        if (each.at > state.items.back().at - length_) {
            state.sum.add(each.amount);
            join_largest(state.largest, each);
        } else {
            ++state.begin;
        }
        Sum sum;
        double largest = each.amount;
        for (std::size_t i = place + 1; i-- > 0 && state.items[i].at > each.at - length_;) {
            sum.add(state.items[i].amount);
            largest = std::max(largest, state.items[i].amount);
        }
        consume_(rolling_row{each, {{sum.value()}, {largest}}});
    }
    static void join_largest(ring_queue<item>& largest, const payment& each) {
        std::size_t place = largest.size();
        while (place > 0 && largest[place - 1].at > each.at) --place;
        if (place < largest.size() && largest[place].amount >= each.amount) return;
        ring_queue<item> kept;
        for (std::size_t i = 0; i < place; ++i) {
            if (largest[i].amount > each.amount) kept.push_back(largest[i]);
        }
        kept.push_back({each.at, each.amount});
        for (std::size_t i = place; i < largest.size(); ++i) kept.push_back(largest[i]);
        largest = std::move(kept);
    }
    // Cards that went silent leave.
    void sweep() {
        const weir::timestamp keep = watermark_.now() - length_;
        erase_if(table_, [&](auto& each) { return each.second.items.back().at <= keep; });
        sweep_at_ = watermark_.now() + length_;
    }

    weir::duration length_;
    Consume consume_;
    watermark watermark_;
    flat_map<card_state> table_;
    weir::timestamp sweep_at_ = weir::time_lowest;
    std::uint64_t late_ = 0;
};

}  // namespace speed::by_hand

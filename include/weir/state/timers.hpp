// SPDX-License-Identifier: Apache-2.0
// Event-time timers of a keyed stage, in the order in which they fire: due time, key, then the order of setting.
// A binary heap: O(log n) to set and to fire. A timer that is set twice for a key and a time fires once.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include <weir/state/key.hpp>
#include <weir/time/timestamp.hpp>

namespace weir {

template <stably_hashable Key>
class timers {
  public:
    struct timer {
        timestamp due;
        std::uint64_t hash;
        Key key;
    };

    [[nodiscard]] timestamp next_due() const noexcept { return heap_.empty() ? time_highest : heap_.front().due; }
    [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

    void set(timestamp due, const Key& key, std::uint64_t hash) {
        put_back(due, key, hash);
        if (tracked_) set_.push_back({due, hash, key});
    }
    // The same for a timer that comes back from where changes are written to: it does not count as changed.
    void put_back(timestamp due, const Key& key, std::uint64_t hash) {
        heap_.push_back({due, hash, key});
        std::push_heap(heap_.begin(), heap_.end(), later);
    }
    // Takes the first timer if it is due before `limit`.
    [[nodiscard]] bool take(timestamp limit, timer& taken) {
        if (heap_.empty() || !(heap_.front().due < limit)) return false;
        taken = pop();
        while (!heap_.empty() && heap_.front().due == taken.due && heap_.front().hash == taken.hash &&
               heap_.front().key == taken.key) {
            pop();
        }
        if (tracked_) fired_.push_back(taken);
        return true;
    }
    // Every timer, in no order.
    [[nodiscard]] const std::vector<timer>& all() const noexcept { return heap_; }

    // From now on it is known which timers are set, and which are taken.
    void track_changes() noexcept { tracked_ = true; }
    // Calls set(timer) for those that have been set since the last call, then fired(timer) for those that have been
    // taken, and forgets them. A timer that was taken is not set again: the watermark has passed it.
    template <class Set, class Fired> void take_changes(Set&& set, Fired&& fired) {
        for (const timer& each : set_) set(each);
        for (const timer& each : fired_) fired(each);
        forget_changes();
    }
    void forget_changes() noexcept {
        set_.clear();
        fired_.clear();
    }

  private:
    static bool later(const timer& left, const timer& right) {
        if (left.due != right.due) return left.due > right.due;
        if (left.hash != right.hash) return left.hash > right.hash;
        if constexpr (hashed_one_to_one<Key>) {
            return false;
        } else {
            return left.key == right.key ? false : tie_words(right.key) < tie_words(left.key);
        }
    }
    timer pop() {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        timer taken = std::move(heap_.back());
        heap_.pop_back();
        return taken;
    }

    std::vector<timer> heap_;
    std::vector<timer> set_;
    std::vector<timer> fired_;
    bool tracked_ = false;
};

}  // namespace weir

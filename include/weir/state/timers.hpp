// SPDX-License-Identifier: Apache-2.0
// Event-time timers of a keyed stage, in the order in which they fire: due time, key, then the order of setting. A
// timer that is set twice for a key and a time fires once.
//
// A hierarchical timing wheel (Varghese & Lauck 1987) with 64 slots on each level, the lowest of one nanosecond each. A
// timer stands on the level of the highest digit in which its time differs from the wheel's. When the watermark reaches
// the first slot with timers, a small one is sorted and fires from there; a large one is spread over the level below.
// Amortized O(1) to set, O(log of what is due together) to fire, as long as no timer is set before one that has fired;
// others are in order, too, but cost what it takes to put them in.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <utility>
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

    [[nodiscard]] timestamp next_due() const noexcept {
        if (!ready_.empty()) return ready_.back().due;
        const unsigned level = first_level();
        return level == level_count ? time_highest : (*levels_[level])[first_slot(level)].first;
    }
    // Those that are set twice count twice.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    void set(timestamp due, const Key& key, std::uint64_t hash) {
        put_back(due, key, hash);
        if (tracked_) set_.push_back({due, hash, key});
    }
    // The same for a timer that comes back from where changes are written to: it does not count as changed.
    void put_back(timestamp due, const Key& key, std::uint64_t hash) {
        ++size_;
        const std::uint64_t word = word_of(due);
        if (word < now_ || (!ready_.empty() && word < ready_end_)) {
            put_among_ready({due, hash, key});
        } else {
            put_on_wheel({due, hash, key});
        }
    }
    // Takes the first timer if it is due before `limit`.
    [[nodiscard]] bool take(timestamp limit, timer& taken) {
        if (ready_.empty() && !make_ready(limit)) return false;
        if (!(ready_.back().due < limit)) return false;
        taken = std::move(ready_.back());
        do {
            ready_.pop_back();
            --size_;
        } while (!ready_.empty() && ready_.back().due == taken.due && ready_.back().hash == taken.hash &&
                 ready_.back().key == taken.key);
        if (tracked_) fired_.push_back(taken);
        return true;
    }
    // Calls visit(timer) for every timer, in no order.
    template <class Visit> void for_each(Visit&& visit) const {
        for (const timer& each : ready_) visit(each);
        for (unsigned level = 0; level < level_count; ++level) {
            for (std::uint64_t bits = occupied_[level]; bits != 0; bits &= bits - 1) {
                for (const timer& each : (*levels_[level])[slot_in(bits)].timers) visit(each);
            }
        }
    }

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
    static constexpr unsigned digit = 6;  // bits of a time that a level tells apart
    static constexpr unsigned slot_count = 1U << digit;
    static constexpr unsigned level_count = 64 / digit + 1;
    static constexpr std::size_t small_slot = 64;   // is sorted at once
    static constexpr std::size_t most_ready = 256;  // if more are put in among them, the later half goes back

    struct slot {
        std::vector<timer> timers;
        timestamp first = time_highest;  // of them
    };
    using level_type = std::array<slot, slot_count>;

    static bool later(const timer& left, const timer& right) {
        if (left.due != right.due) return left.due > right.due;
        if (left.hash != right.hash) return left.hash > right.hash;
        if constexpr (hashed_one_to_one<Key>) {
            return false;
        } else {
            return left.key == right.key ? false : tie_words(right.key) < tie_words(left.key);
        }
    }
    // In the order of times.
    [[nodiscard]] static std::uint64_t word_of(timestamp due) noexcept {
        return static_cast<std::uint64_t>(due.time_since_epoch().count()) ^ (std::uint64_t{1} << 63U);
    }
    [[nodiscard]] static unsigned slot_in(std::uint64_t bits) noexcept {
        return static_cast<unsigned>(std::countr_zero(bits));
    }
    // The lowest level with timers has the earliest.
    [[nodiscard]] unsigned first_level() const noexcept {
        unsigned level = 0;
        while (level < level_count && occupied_[level] == 0) ++level;
        return level;
    }
    [[nodiscard]] unsigned first_slot(unsigned level) const noexcept { return slot_in(occupied_[level]); }

    void put_on_wheel(timer&& added) {
        const std::uint64_t word = word_of(added.due);
        const std::uint64_t differs = word ^ now_;
        const unsigned level = differs == 0 ? 0 : (static_cast<unsigned>(std::bit_width(differs)) - 1) / digit;
        const auto index = static_cast<unsigned>(word >> (digit * level)) & (slot_count - 1);
        if (levels_[level] == nullptr) levels_[level] = std::make_unique<level_type>();
        slot& to = (*levels_[level])[index];
        occupied_[level] |= std::uint64_t{1} << index;
        if (to.timers.capacity() == 0) give_memory(to, spare_[level]);
        to.first = std::min(to.first, added.due);
        to.timers.push_back(std::move(added));
    }
    static void give_memory(slot& to, std::vector<std::vector<timer>>& spare) {
        if (spare.empty()) return to.timers.reserve(small_slot);
        to.timers = std::move(spare.back());
        spare.pop_back();
    }
    // What the slot held goes to `to`, which is empty; memory is used again on its level, where slots are of a size.
    void empty(slot& from, std::vector<timer>& to, std::vector<std::vector<timer>>& spare) {
        to.swap(from.timers);
        from.first = time_highest;
        if (from.timers.capacity() != 0) spare.push_back(std::move(from.timers));
        from.timers = {};
    }
    // Nothing is ready. Whether something is now that is due before the limit.
    [[nodiscard]] bool make_ready(timestamp limit) {
        for (;;) {
            const unsigned level = first_level();
            if (level == level_count) return false;
            const unsigned index = first_slot(level);
            slot& next = (*levels_[level])[index];
            if (!(next.first < limit)) return false;
            const unsigned shift = digit * level;
            const std::uint64_t above = level + 1 == level_count ? 0 : now_ >> (shift + digit) << (shift + digit);
            now_ = above | std::uint64_t{index} << shift;
            occupied_[level] &= ~(std::uint64_t{1} << index);
            if (level == 0 || next.timers.size() <= small_slot) {
                empty(next, ready_, spare_[level]);
                std::sort(ready_.begin(), ready_.end(), later);
                const std::uint64_t end = now_ + (std::uint64_t{1} << shift);
                ready_end_ = end > now_ ? end : ~std::uint64_t{0};
                return true;
            }
            empty(next, spread_, spare_[level]);
            for (timer& each : spread_) put_on_wheel(std::move(each));
            spread_.clear();
        }
    }
    void put_among_ready(timer&& added) {
        if (ready_.empty()) ready_end_ = now_;
        ready_.insert(std::upper_bound(ready_.begin(), ready_.end(), added, later), std::move(added));
        if (ready_.size() <= most_ready) return;
        // Those of one time stay together.
        const timestamp first = ready_.back().due;
        timestamp from = ready_[ready_.size() / 2].due;
        if (from == first) from += one_tick;
        if (word_of(from) < now_ || word_of(from) >= ready_end_) return;
        const auto stays = [&](const timer& each) { return each.due < from; };
        const auto kept = std::find_if(ready_.begin(), ready_.end(), stays);
        for (auto each = ready_.begin(); each != kept; ++each) put_on_wheel(std::move(*each));
        ready_.erase(ready_.begin(), kept);
        ready_end_ = word_of(from);
    }

    std::vector<timer> ready_;      // those before ready_end_, the first one last
    std::uint64_t ready_end_ = 0;   // what is on the wheel is not before it
    std::uint64_t now_ = 0;         // the wheel's time: no timer on it is before it
    std::size_t size_ = 0;
    std::array<std::uint64_t, level_count> occupied_{};  // a bit for each slot with timers
    std::array<std::unique_ptr<level_type>, level_count> levels_;
    std::vector<timer> spread_;
    std::array<std::vector<std::vector<timer>>, level_count> spare_;
    std::vector<timer> set_;
    std::vector<timer> fired_;
    bool tracked_ = false;
};

}  // namespace weir

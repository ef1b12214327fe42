// SPDX-License-Identifier: Apache-2.0
// Which panes there are: pieces of time that no window border cuts, written down once for all keys. A key's panes only
// have their numbers.
#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include <weir/time/timestamp.hpp>

namespace weir::detail {

// The panes that some key has. Numbers are used again.
class live_panes {
  public:
    struct info {
        timestamp start{};
        // The first window end that accepts these records. Records that come when some of their windows already refuse
        // them have a pane of their own, so that an order-free stage may fire windows whenever it likes.
        timestamp first_end{};
        std::uint64_t keys = 0;  // that have it
        bool partial = false;    // some of its windows refuse its records
    };
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    [[nodiscard]] const info& operator[](std::uint32_t number) const noexcept { return infos_[number]; }
    [[nodiscard]] bool before(std::uint32_t left, std::uint32_t right) const noexcept {
        const info& one = infos_[left];
        const info& other = infos_[right];
        return one.start != other.start ? one.start < other.start : one.first_end < other.first_end;
    }
    // A new number is to be taken at once. O(log panes), if panes come about in the order of time.
    [[nodiscard]] std::uint32_t number_of(timestamp start, timestamp first_end, bool partial) {
        const auto place = not_before(start, first_end);
        if (place != by_time_.end() && place->start == start && place->first_end == first_end) return place->number;
        if (free_.empty()) {
            free_.push_back(static_cast<std::uint32_t>(infos_.size()));
            infos_.emplace_back();
        }
        const std::uint32_t number = free_.back();
        free_.pop_back();
        infos_[number] = {start, first_end, 0, partial};
        by_time_.insert(place, {start, first_end, number});
        return number;
    }
    // The number of a pane, or none.
    [[nodiscard]] std::uint32_t find(timestamp start, timestamp first_end) const {
        const auto place = not_before(start, first_end);
        const bool found = place != by_time_.end() && place->start == start && place->first_end == first_end;
        return found ? place->number : none;
    }
    void take(std::uint32_t number) noexcept { ++infos_[number].keys; }
    void leave(std::uint32_t number, std::uint64_t keys = 1) {
        info& left = infos_[number];
        left.keys -= keys;
        if (left.keys != 0) return;
        forget(not_before(left.start, left.first_end));
        free_.push_back(number);
    }
    // The start of the first pane at or after `from` for which good(start) holds, or time_highest.
    template <class Good> [[nodiscard]] timestamp first_start(timestamp from, Good&& good) const {
        for (auto place = not_before(from, time_lowest); place != by_time_.end(); ++place) {
            if (good(place->start)) return place->start;
        }
        return time_highest;
    }
    [[nodiscard]] bool empty() const noexcept { return first_ == static_cast<std::ptrdiff_t>(by_time_.size()); }
    void clear() {
        by_time_.clear();
        first_ = 0;
        infos_.clear();
        free_.clear();
    }

  private:
    struct place_in_time {
        timestamp start, first_end;
        std::uint32_t number;
    };
    using places = std::vector<place_in_time>;
    [[nodiscard]] places::const_iterator not_before(timestamp start, timestamp first_end) const {
        return std::lower_bound(by_time_.begin() + first_, by_time_.end(), std::pair{start, first_end},
                                [](const place_in_time& each, const std::pair<timestamp, timestamp>& wanted) {
                                    return std::pair{each.start, each.first_end} < wanted;
                                });
    }

    // Mostly the oldest goes: it stays in front until half of all are such.
    void forget(places::const_iterator gone) {
        if (gone != by_time_.begin() + first_) {
            by_time_.erase(gone);
            return;
        }
        if (++first_ * 2 < static_cast<std::ptrdiff_t>(by_time_.size()) || first_ < 16) return;
        by_time_.erase(by_time_.begin(), by_time_.begin() + first_);
        first_ = 0;
    }

    places by_time_;            // sorted, from first_ on
    std::ptrdiff_t first_ = 0;
    std::vector<info> infos_;
    std::vector<std::uint32_t> free_;
};

}  // namespace weir::detail

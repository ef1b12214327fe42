// SPDX-License-Identifier: Apache-2.0
// The line on which keys with many panes have them: a pane's slot follows from its place in time, the same for all
// keys, so that neither looking for a pane nor what a fire does to a key searches for anything. A key keeps one bit per
// slot and a row of states (key_panes.hpp); here is what all keys have in common.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include <weir/base/slabs.hpp>
#include <weir/windows/grid.hpp>

namespace weir::detail {

class pane_line {
  public:
    static constexpr std::uint32_t no_slot = ~std::uint32_t{0};
    static constexpr std::uint32_t most_slots = 64;  // a bit of a word for each

    pane_line() = default;
    // Of windows that take more panes than fit a word of bits there is no line.
    explicit pane_line(const window_grid& grid) : pane_(grid.pane()), panes_(grid.size / pane_) {
        const std::int64_t slots = panes_ + room_beyond;
        if (slots <= most_slots) capacity_ = std::bit_ceil(static_cast<std::uint32_t>(slots));
    }

    // 0 if there is no line.
    [[nodiscard]] std::uint32_t capacity() const noexcept { return capacity_; }

    // The line begins where the windows of this pane do. No key may have panes.
    void begin_with(timestamp pane_start) noexcept { begin_at(place_of(pane_start) - panes_); }
    // No pane before `start` is there any more.
    void advance(timestamp start) noexcept {
        const std::int64_t place = place_of(start);
        if (begin_ == nowhere || place > begin_) begin_at(place);
    }
    void clear() noexcept {
        begin_ = nowhere;
        end_ = std::numeric_limits<std::int64_t>::min();
    }

    // Where a pane that starts then stands; no_slot if it lies off the line.
    [[nodiscard]] std::uint32_t slot_of(timestamp pane_start) const noexcept {
        const std::int64_t place = place_of(pane_start);
        return place >= begin_ && place < end_ ? slot_at(place) : no_slot;
    }
    // A bit for each slot of the panes that start in [from, to).
    [[nodiscard]] std::uint64_t between(timestamp from, timestamp to) const noexcept {
        if (begin_ == nowhere) return 0;
        const std::int64_t first = std::clamp(place_of(from), begin_, end_);
        const std::int64_t last = std::clamp(place_of(to), first, end_);
        const auto count = static_cast<std::uint32_t>(last - first);
        if (count == 0) return 0;
        const std::uint64_t bits = ~std::uint64_t{0} >> (64 - count);
        const std::uint32_t slot = slot_at(first);
        const std::uint64_t wrapped = slot == 0 ? 0 : bits >> (capacity_ - slot);
        return (bits << slot | wrapped) & (~std::uint64_t{0} >> (64 - capacity_));
    }
    // All slots before a fire's `keep`.
    [[nodiscard]] std::uint64_t before(timestamp to) const noexcept { return between(time_lowest, to); }
    // Calls visit(slot) in the order of time.
    template <class Visit> void for_each(std::uint64_t occupied, Visit&& visit) const {
        const std::uint32_t first = slot_at(begin_);
        const std::uint64_t later = ~std::uint64_t{0} << first;
        for (std::uint64_t bits = occupied & later; bits != 0; bits &= bits - 1) visit(slot_in(bits));
        for (std::uint64_t bits = occupied & ~later; bits != 0; bits &= bits - 1) visit(slot_in(bits));
    }
    [[nodiscard]] static std::uint32_t slot_in(std::uint64_t bits) noexcept {
        return static_cast<std::uint32_t>(std::countr_zero(bits));
    }

    // The numbers of the panes that stand there (live_panes.hpp), where some key has one.
    [[nodiscard]] std::uint32_t number(std::uint32_t slot) const noexcept { return numbers_[slot]; }
    void set_number(std::uint32_t slot, std::uint32_t number) noexcept { numbers_[slot] = number; }

    // Rows for the total and all panes of a key.
    template <class State> [[nodiscard]] State* take_row() {
        if (spare_.empty()) {
            constexpr std::size_t alignment = std::max(alignof(State), std::size_t{64});
            return static_cast<State*>(memory_.take((std::size_t{capacity_} + 1) * sizeof(State), alignment));
        }
        void* const taken = spare_.back();
        spare_.pop_back();
        return static_cast<State*>(taken);
    }
    void give_row(void* row) { spare_.push_back(row); }

  private:
    static constexpr std::int64_t nowhere = std::numeric_limits<std::int64_t>::max();
    static constexpr std::int64_t room_beyond = 4;  // for panes whose first window is still open

    [[nodiscard]] std::int64_t place_of(timestamp start) const noexcept {
        return floor_div(start.time_since_epoch().count(), pane_.count());
    }
    [[nodiscard]] std::uint32_t slot_at(std::int64_t place) const noexcept {
        return static_cast<std::uint32_t>(place) & (capacity_ - 1);
    }
    void begin_at(std::int64_t place) noexcept {
        if (capacity_ == 0) return;
        begin_ = place;
        end_ = place + capacity_;
    }

    duration pane_{1};
    std::int64_t panes_ = 0;  // in a window
    std::uint32_t capacity_ = 0;
    std::int64_t begin_ = nowhere;
    std::int64_t end_ = std::numeric_limits<std::int64_t>::min();
    std::array<std::uint32_t, most_slots> numbers_{};
    slabs memory_;
    std::vector<void*> spare_;
};

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// The panes of one key: partial aggregates by time. Mostly a key has one, or a few, and they lie side by side.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include <weir/base/fetch_ahead.hpp>
#include <weir/base/slabs.hpp>
#include <weir/operators/pane_line.hpp>

namespace weir::detail {

// The panes of one key: one in place, more in a ring in the order of time, which goes to a pool when it is needed no
// more, or many in a row on the line that all keys share. Beside a ring or in a row there may be a total. What is at
// the ends of a ring comes and goes in O(1); numbers lie apart from states, so that looking for a pane reads one line
// of the cache.
template <class State>
class key_panes {
    // The numbers of the panes, from the next line of the cache on the total, then the states.
    struct ring {
        std::uint32_t* numbers() noexcept { return reinterpret_cast<std::uint32_t*>(this); }
        State* states(std::uint32_t capacity) noexcept {
            return reinterpret_cast<State*>(reinterpret_cast<std::byte*>(this) + states_begin(capacity));
        }
    };
    static constexpr std::size_t alignment = std::max(alignof(State), std::size_t{64});
    [[nodiscard]] static constexpr std::size_t states_begin(std::uint32_t capacity) noexcept {
        return (capacity * sizeof(std::uint32_t) + alignment - 1) & ~(alignment - 1);
    }

  public:
    class pool {
      public:
        [[nodiscard]] ring* take(std::uint32_t capacity) {
            auto& spare = spare_[std::bit_width(capacity) - 1U];
            if (spare.empty()) {
                const std::size_t size = states_begin(capacity) + (std::size_t{capacity} + 1) * sizeof(State);
                return static_cast<ring*>(memory_.take(size, alignment));
            }
            ring* const taken = spare.back();
            spare.pop_back();
            return taken;
        }
        void give(ring* given, std::uint32_t capacity) { spare_[std::bit_width(capacity) - 1U].push_back(given); }

      private:
        slabs memory_;
        std::array<std::vector<ring*>, 32> spare_;  // by the logarithm of the capacity
    };

    // The panes as they lie: pane number `index` of `size`, from the oldest on. Valid until one comes or goes.
    struct view {
        State* states;
        const std::uint32_t* numbers;
        std::uint32_t first, mask, size;

        [[nodiscard]] std::uint32_t number(std::uint32_t index) const noexcept {
            return numbers[(first + index) & mask];
        }
        [[nodiscard]] State& state(std::uint32_t index) const noexcept { return states[(first + index) & mask]; }
    };

    key_panes() noexcept {}
    key_panes(key_panes&& other) noexcept
        : shape_(std::exchange(other.shape_, 0)), has_total_(std::exchange(other.has_total_, false)),
          partial_(std::exchange(other.partial_, 0)), size_or_number_(other.size_or_number_) {
        if (on_line()) {
            row_ = other.row_;
        } else if (in_ring()) {
            many_ = other.many_;
        } else if (shape_ == 1) {
            std::construct_at(&only_, std::move(other.only_));
            std::destroy_at(&other.only_);
        }
    }
    key_panes& operator=(key_panes&&) = delete;
    ~key_panes() {
        if (has_total_) std::destroy_at(&total());
        if (on_line()) {
            for (std::uint64_t bits = row_.occupied; bits != 0; bits &= bits - 1) {
                std::destroy_at(&in_row(pane_line::slot_in(bits)));
            }
            return;
        }
        const view all = panes();
        for (std::uint32_t i = 0; i < all.size; ++i) std::destroy_at(&all.state(i));
    }

    // Of panes that are not on the line.
    [[nodiscard, gnu::always_inline]] view panes() const noexcept {
        if (!in_ring()) return {const_cast<State*>(&only_), &size_or_number_, 0, 0, shape_};
        ring& here = *many_.panes;
        return {here.states(capacity()) + 1, here.numbers(), many_.first, capacity() - 1, size_or_number_};
    }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] std::uint32_t size() const noexcept {
        if (on_line()) return static_cast<std::uint32_t>(std::popcount(row_.occupied));
        return in_ring() ? size_or_number_ : shape_;
    }
    [[nodiscard]] bool any_partial() const noexcept { return partial_ != 0; }
    [[nodiscard]] bool has_total() const noexcept { return has_total_; }
    [[nodiscard]] State& total() const noexcept {
        return on_line() ? *row_.states : *many_.panes->states(capacity());
    }

    // On the line: a bit for each slot with a pane, and the state of one.
    [[nodiscard]] bool on_line() const noexcept { return shape_ == shape_on_line; }
    [[nodiscard]] std::uint64_t occupied() const noexcept { return row_.occupied; }
    [[nodiscard]] bool has(std::uint32_t slot) const noexcept { return (row_.occupied >> slot & 1U) != 0; }
    [[nodiscard]] State& in_row(std::uint32_t slot) const noexcept { return row_.states[slot + 1]; }
    State& begin_in_row(std::uint32_t slot, State&& begun) noexcept {
        row_.occupied |= std::uint64_t{1} << slot;
        return *std::construct_at(&in_row(slot), std::move(begun));
    }
    void end_in_row(std::uint32_t slot) noexcept {
        row_.occupied &= ~(std::uint64_t{1} << slot);
        std::destroy_at(&in_row(slot));
    }
    // The panes of a ring, none of them partial, go to the slots slot(index).
    template <class Slot> void enter_line(pane_line& line, pool& rings, Slot&& slot) {
        const view all = panes();
        panes_in_row row{line.take_row<State>(), 0};
        for (std::uint32_t i = 0; i < all.size; ++i) {
            const std::uint32_t to = slot(i);
            row.occupied |= std::uint64_t{1} << to;
            std::construct_at(row.states + 1 + to, std::move(all.state(i)));
            std::destroy_at(&all.state(i));
        }
        if (has_total_) {
            std::construct_at(row.states, std::move(total()));
            std::destroy_at(&total());
        }
        rings.give(many_.panes, capacity());
        row_ = row;
        shape_ = shape_on_line;
    }
    // Back to a ring.
    void leave_line(pane_line& line, pool& rings) {
        const std::uint32_t size = this->size();
        const std::uint32_t room = std::bit_ceil(std::max(size, 4U));
        ring* const to = rings.take(room);
        std::uint32_t index = 0;
        line.for_each(row_.occupied, [&](std::uint32_t slot) {
            to->numbers()[index] = line.number(slot);
            std::construct_at(to->states(room) + 1 + index++, std::move(in_row(slot)));
            std::destroy_at(&in_row(slot));
        });
        if (has_total_) {
            std::construct_at(to->states(room), std::move(total()));
            std::destroy_at(&total());
        }
        line.give_row(row_.states);
        many_ = {to, 0};
        shape_ = static_cast<std::uint8_t>(std::countr_zero(room));
        size_or_number_ = size;
    }
    // Nothing is left in the row.
    void end_row(pane_line& line) {
        line.give_row(row_.states);
        shape_ = 0;
    }
    // A fire needs the total and these slots, as far as there is something.
    void prefetch_row(std::uint64_t slots) const noexcept {
        fetch_ahead(row_.states);
        for (std::uint64_t bits = row_.occupied & slots; bits != 0; bits &= bits - 1) {
            fetch_ahead(&in_row(pane_line::slot_in(bits)));
        }
    }

    // Fetches ahead what lies elsewhere: the slot of the newest pane, if the key is on the line, or the numbers in a
    // ring and the newest; for a fire also what it changes.
    void prefetch_newest(std::uint32_t slot) const noexcept {
        if (on_line()) return fetch_ahead(&in_row(slot & 63U));
        if (!in_ring()) return;
        const view all = panes();
        fetch_ahead(all.numbers);
        fetch_ahead(&all.state(all.size - 1));
    }
    void prefetch() const noexcept {
        if (!in_ring()) return;
        const view all = panes();
        fetch_ahead(all.numbers);
        fetch_ahead(all.states - 1);
        fetch_ahead(&all.state(0));
        fetch_ahead(&all.state(all.size - 1));
    }
    // This pane, if it is in place.
    [[nodiscard, gnu::always_inline]] State* find_in_place(std::uint32_t number) noexcept {
        return shape_ == 1 && size_or_number_ == number ? &only_ : nullptr;
    }
    [[nodiscard]] bool none() const noexcept { return shape_ == 0; }
    // The first pane, and it alone goes.
    State& begin_only(std::uint32_t number, State&& begun) noexcept {
        shape_ = 1;
        size_or_number_ = number;
        return *std::construct_at(&only_, std::move(begun));
    }
    void end_only() noexcept {
        std::destroy_at(&only_);
        shape_ = 0;
    }
    // The pane that is in place, or null.
    [[nodiscard]] const State* only() const noexcept { return shape_ == 1 ? &only_ : nullptr; }
    // Null if the key has no such pane. The newest is found first.
    [[nodiscard]] State* find(std::uint32_t number) noexcept {
        const view all = panes();
        for (std::uint32_t i = all.size; i-- > 0;) {
            if (all.number(i) == number) return &all.state(i);
        }
        return nullptr;
    }
    State& insert(std::uint32_t index, std::uint32_t number, State&& added, bool partial, pool& rings) {
        if (partial && partial_ != more_than_counted) ++partial_;
        if (none()) return begin_only(number, std::move(added));
        if (!in_ring() || size_or_number_ == capacity()) grow(rings);
        const view all = panes();
        const auto number_at = [&](std::uint32_t at) -> std::uint32_t& {
            return many_.panes->numbers()[(all.first + at) & all.mask];
        };
        std::uint32_t at = size_or_number_;
        std::construct_at(&all.state(at), std::move(added));
        ++size_or_number_;
        for (; at > index; --at) {
            std::swap(all.state(at), all.state(at - 1));
            number_at(at) = number_at(at - 1);
        }
        number_at(at) = number;
        return all.state(at);
    }
    void erase_first(std::uint32_t count, pool& rings) {
        if (!in_ring()) return end_only();
        const view all = panes();
        for (std::uint32_t i = 0; i < count; ++i) std::destroy_at(&all.state(i));
        many_.first = (many_.first + count) & all.mask;
        size_or_number_ -= count;
        if (size_or_number_ <= 1 && !has_total_) leave_ring(rings);
    }
    // One of the panes that will go is partial.
    void forget_partial() noexcept {
        if (partial_ != more_than_counted) --partial_;
    }
    State& begin_total(State&& begun, pool& rings) {
        if (!in_ring() && !on_line()) grow(rings);
        has_total_ = true;
        return *std::construct_at(&total(), std::move(begun));
    }
    void end_total(pool& rings) {
        std::destroy_at(&total());
        has_total_ = false;
        if (!on_line() && size_or_number_ <= 1) leave_ring(rings);
    }

  private:
    static constexpr std::uint16_t more_than_counted = std::numeric_limits<std::uint16_t>::max();
    struct panes_in_ring {
        ring* panes;
        std::uint32_t first;
    };

    struct panes_in_row {
        State* states;  // the total, then by slot
        std::uint64_t occupied;
    };
    static constexpr std::uint8_t shape_on_line = std::numeric_limits<std::uint8_t>::max();

    [[nodiscard]] bool in_ring() const noexcept { return shape_ > 1 && !on_line(); }
    // Of a ring.
    [[nodiscard]] std::uint32_t capacity() const noexcept { return std::uint32_t{1} << shape_; }
    // To a ring, or one of twice the size, where the panes begin at the first place.
    void grow(pool& rings) {
        const view all = panes();
        const auto shape = static_cast<std::uint8_t>(std::max(2, shape_ + 1));
        const std::uint32_t room = std::uint32_t{1} << shape;
        ring* const to = rings.take(room);
        for (std::uint32_t i = 0; i < all.size; ++i) {
            to->numbers()[i] = all.number(i);
            std::construct_at(to->states(room) + 1 + i, std::move(all.state(i)));
        }
        for (std::uint32_t i = 0; i < all.size; ++i) std::destroy_at(&all.state(i));
        if (has_total_) {
            std::construct_at(to->states(room), std::move(total()));
            std::destroy_at(&total());
        }
        if (in_ring()) rings.give(many_.panes, capacity());
        many_ = {to, 0};
        shape_ = shape;
        size_or_number_ = all.size;
    }
    void leave_ring(pool& rings) {
        const view all = panes();
        ring* const left = many_.panes;
        const std::uint32_t room = capacity();
        shape_ = static_cast<std::uint8_t>(all.size);
        if (all.size == 1) {
            size_or_number_ = all.number(0);
            std::construct_at(&only_, std::move(all.state(0)));
            std::destroy_at(&all.state(0));
        }
        rings.give(left, room);
    }

    std::uint8_t shape_ = 0;  // 0: no pane, 1: one in place, n: a ring for 2^n; or on the line
    bool has_total_ = false;
    std::uint16_t partial_ = 0;  // how many panes are partial
    std::uint32_t size_or_number_ = 0;
    union {
        State only_;
        panes_in_ring many_;
        panes_in_row row_;
    };
};

}  // namespace weir::detail

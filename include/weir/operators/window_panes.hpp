// SPDX-License-Identifier: Apache-2.0
// The panes of windows: partial aggregates by key and by time. Which pane is which is written down once for all keys;
// a key's panes only have its number. Mostly a key has one, or a few, and they lie side by side.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include <weir/aggregates/aggregate.hpp>
#include <weir/base/fetch_ahead.hpp>
#include <weir/base/slabs.hpp>
#include <weir/record/binary.hpp>
#include <weir/time/stamp.hpp>

namespace weir::detail {

// The aggregates of a stage and the tuple of their states.
template <class... As>
struct aggregate_set {
    std::tuple<As...> all;
    using state_type = std::tuple<typename As::state_type...>;
    static constexpr bool takes_back = ((unmergeable<As> && commutes<As>)&&...);

    [[nodiscard]] state_type create() const {
        return std::apply([](const As&... each) { return state_type{each.create()...}; }, all);
    }
    // The stamp is only made if an aggregate reads it.
    template <class Record, class View> void add(state_type& state, const Record& record, const View& at) const {
        if constexpr ((needs_stamp<As, Record> || ...)) {
            add_with(state, record, at.full(), std::index_sequence_for<As...>{});
        } else {
            add_without(state, record, std::index_sequence_for<As...>{});
        }
    }
    void merge(state_type& state, const state_type& other) const {
        merge_with(state, other, std::index_sequence_for<As...>{});
    }
    void unmerge(state_type& state, const state_type& other) const
        requires takes_back
    {
        unmerge_with(state, other, std::index_sequence_for<As...>{});
    }
    [[nodiscard]] auto results(const state_type& state) const {
        return results_with(state, std::index_sequence_for<As...>{});
    }

  private:
    template <class Record, std::size_t... I>
    void add_with(state_type& state, const Record& record, const stamp& at, std::index_sequence<I...>) const {
        (detail::add(std::get<I>(all), std::get<I>(state), record, at), ...);
    }
    template <class Record, std::size_t... I>
    void add_without(state_type& state, const Record& record, std::index_sequence<I...>) const {
        (std::get<I>(all).add(std::get<I>(state), record), ...);
    }
    template <std::size_t... I>
    void merge_with(state_type& state, const state_type& other, std::index_sequence<I...>) const {
        (std::get<I>(all).merge(std::get<I>(state), std::get<I>(other)), ...);
    }
    template <std::size_t... I>
    void unmerge_with(state_type& state, const state_type& other, std::index_sequence<I...>) const {
        (std::get<I>(all).unmerge(std::get<I>(state), std::get<I>(other)), ...);
    }
    template <std::size_t... I> auto results_with(const state_type& state, std::index_sequence<I...>) const {
        return std::tuple<aggregate_result<As>...>{std::get<I>(all).result(std::get<I>(state))...};
    }
};

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
    void take(std::uint32_t number) noexcept { ++infos_[number].keys; }
    void leave(std::uint32_t number) {
        info& left = infos_[number];
        if (--left.keys != 0) return;
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

// The panes of one key, in the order of time: one in place, more in a ring, which goes to a pool when it is needed no
// more. Beside a ring there may be a total. What is at the ends comes and goes in O(1); numbers lie apart from states,
// so that looking for a pane reads one line of the cache.
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
        if (in_ring()) {
            many_ = other.many_;
        } else if (shape_ == 1) {
            std::construct_at(&only_, std::move(other.only_));
            std::destroy_at(&other.only_);
        }
    }
    key_panes& operator=(key_panes&&) = delete;
    ~key_panes() {
        const view all = panes();
        for (std::uint32_t i = 0; i < all.size; ++i) std::destroy_at(&all.state(i));
        if (has_total_) std::destroy_at(&total());
    }

    [[nodiscard]] view panes() const noexcept {
        if (!in_ring()) return {const_cast<State*>(&only_), &size_or_number_, 0, 0, shape_};
        ring& here = *many_.panes;
        return {here.states(capacity()) + 1, here.numbers(), many_.first, capacity() - 1, size_or_number_};
    }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] std::uint32_t size() const noexcept { return in_ring() ? size_or_number_ : shape_; }
    [[nodiscard]] bool any_partial() const noexcept { return partial_ != 0; }
    [[nodiscard]] bool has_total() const noexcept { return has_total_; }
    [[nodiscard]] State& total() const noexcept { return *many_.panes->states(capacity()); }

    // Fetches ahead what lies in a ring: its numbers, and the newest pane; for a fire also what it changes.
    void prefetch_newest() const noexcept {
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
    // Null if the key has no such pane. The newest is found first.
    [[nodiscard]] State* find(std::uint32_t number) noexcept {
        if (shape_ == 1 && size_or_number_ == number) return &only_;
        return in_ring() ? find_in_ring(number) : nullptr;
    }
    // The pane that is in place, or null.
    [[nodiscard]] const State* only() const noexcept { return shape_ == 1 ? &only_ : nullptr; }
    [[nodiscard]] State* find_in_ring(std::uint32_t number) noexcept {
        const view all = panes();
        for (std::uint32_t i = all.size; i-- > 0;) {
            if (all.number(i) == number) return &all.state(i);
        }
        return nullptr;
    }
    State& insert(std::uint32_t index, std::uint32_t number, State&& added, bool partial, pool& rings) {
        if (partial && partial_ != more_than_counted) ++partial_;
        if (shape_ == 0) {
            std::construct_at(&only_, std::move(added));
            shape_ = 1;
            size_or_number_ = number;
            return only_;
        }
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
        if (!in_ring()) {
            std::destroy_at(&only_);
            shape_ = 0;
            return;
        }
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
        if (!in_ring()) grow(rings);
        has_total_ = true;
        return *std::construct_at(&total(), std::move(begun));
    }
    void end_total(pool& rings) {
        std::destroy_at(&total());
        has_total_ = false;
        if (size_or_number_ <= 1) leave_ring(rings);
    }

  private:
    static constexpr std::uint16_t more_than_counted = std::numeric_limits<std::uint16_t>::max();
    struct panes_in_ring {
        ring* panes;
        std::uint32_t first;
    };

    [[nodiscard]] bool in_ring() const noexcept { return shape_ > 1; }
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

    std::uint8_t shape_ = 0;  // 0: no pane, 1: one in place, n: a ring for 2^n
    bool has_total_ = false;
    std::uint16_t partial_ = 0;  // how many panes are partial
    std::uint32_t size_or_number_ = 0;
    union {
        State only_;
        panes_in_ring many_;
    };
};

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// The panes of windows: partial aggregates by key and by time. Which pane is which is written down once for all keys;
// a key's panes only have its number. Mostly a key has one, or a few, and they lie side by side.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include <weir/aggregates/aggregate.hpp>
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
    // The number of what is no pane but a key's total over the panes of the window that fired last.
    static constexpr std::uint32_t total = 0;
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    [[nodiscard]] const info& operator[](std::uint32_t number) const noexcept { return infos_[number]; }
    [[nodiscard]] bool before(std::uint32_t left, std::uint32_t right) const noexcept {
        const info& one = infos_[left];
        const info& other = infos_[right];
        return one.start != other.start ? one.start < other.start : one.first_end < other.first_end;
    }
    [[nodiscard]] bool any_partial() const noexcept { return partial_ != 0; }
    // A new number is to be taken at once. O(log panes).
    [[nodiscard]] std::uint32_t number_of(timestamp start, timestamp first_end, bool partial) {
        if (start == time_lowest && first_end == time_lowest) return total;
        const auto [place, added] = by_time_.try_emplace({start, first_end}, none);
        if (added) {
            if (free_.empty()) {
                free_.push_back(static_cast<std::uint32_t>(infos_.size()));
                infos_.emplace_back();
            }
            place->second = free_.back();
            free_.pop_back();
            infos_[place->second] = {start, first_end, 0, partial};
            partial_ += partial ? 1U : 0U;
        }
        return place->second;
    }
    void take(std::uint32_t number) noexcept { ++infos_[number].keys; }
    void leave(std::uint32_t number) {
        info& left = infos_[number];
        if (--left.keys != 0 || number == total) return;
        by_time_.erase({left.start, left.first_end});
        partial_ -= left.partial ? 1U : 0U;
        free_.push_back(number);
    }
    // The start of the first pane at or after `from` for which good(start) holds, or time_highest.
    template <class Good> [[nodiscard]] timestamp first_start(timestamp from, Good&& good) const {
        for (auto place = by_time_.lower_bound({from, time_lowest}); place != by_time_.end(); ++place) {
            if (good(place->first.first)) return place->first.first;
        }
        return time_highest;
    }
    void clear() {
        by_time_.clear();
        infos_.resize(1);
        free_.clear();
        partial_ = 0;
    }

  private:
    std::map<std::pair<timestamp, timestamp>, std::uint32_t> by_time_;
    std::vector<info> infos_{info{time_lowest, time_lowest, 0, false}};
    std::vector<std::uint32_t> free_;
    std::size_t partial_ = 0;
};

// The panes of one key, in the order of time: one in place, more in a block, which goes to a pool when it is needed no
// more. What is at the front goes in O(1).
template <class State>
class key_panes {
  public:
    struct pane {
        std::uint32_t number;
        State state;
    };
    class pool {
      public:
        pool() = default;
        pool(const pool&) = delete;
        pool& operator=(const pool&) = delete;
        ~pool() {
            for (std::size_t i = 0; i < spare_.size(); ++i) {
                for (pane* block : spare_[i]) std::allocator<pane>{}.deallocate(block, std::size_t{1} << i);
            }
        }
        [[nodiscard]] pane* take(std::uint32_t capacity) {
            auto& spare = spare_[std::bit_width(capacity) - 1U];
            if (spare.empty()) return std::allocator<pane>{}.allocate(capacity);
            pane* const block = spare.back();
            spare.pop_back();
            return block;
        }
        void give(pane* block, std::uint32_t capacity) { spare_[std::bit_width(capacity) - 1U].push_back(block); }

      private:
        std::array<std::vector<pane*>, 32> spare_;  // by the logarithm of the capacity
    };

    key_panes() noexcept {}
    key_panes(key_panes&& other) noexcept : size_(other.size_), capacity_(other.capacity_) {
        if (capacity_ > 1) {
            many_ = other.many_;
        } else if (size_ == 1) {
            std::construct_at(&one_, std::move(other.one_));
            std::destroy_at(&other.one_);
        }
        other.size_ = 0;
        other.capacity_ = 1;
    }
    key_panes& operator=(key_panes&&) = delete;
    ~key_panes() {
        std::destroy_n(data(), size_);
        if (capacity_ > 1) std::allocator<pane>{}.deallocate(many_.block, capacity_);
    }

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
    [[nodiscard]] pane* data() noexcept { return capacity_ == 1 ? &one_ : many_.block + many_.first; }
    [[nodiscard]] const pane* data() const noexcept { return capacity_ == 1 ? &one_ : many_.block + many_.first; }
    [[nodiscard]] pane* begin() noexcept { return data(); }
    [[nodiscard]] pane* end() noexcept { return data() + size_; }
    [[nodiscard]] const pane* begin() const noexcept { return data(); }
    [[nodiscard]] const pane* end() const noexcept { return data() + size_; }

    // Fetches ahead what lies in a block.
    void prefetch() const noexcept {
        if (capacity_ == 1) return;
        __builtin_prefetch(data());
        __builtin_prefetch(end() - 1);
    }
    // Null if the key has no such pane. The newest is found first.
    [[nodiscard]] pane* find(std::uint32_t number) noexcept {
        if (capacity_ == 1) return size_ == 1 && one_.number == number ? &one_ : nullptr;
        pane* const first = data();
        for (pane* place = first + size_; place != first;) {
            if ((--place)->number == number) return place;
        }
        return nullptr;
    }
    pane& insert(std::uint32_t index, std::uint32_t number, State&& state, pool& blocks) {
        make_room(blocks);
        pane* const first = data();
        std::construct_at(first + size_, number, std::move(state));
        if (index < size_) std::rotate(first + index, first + size_, first + size_ + 1);
        ++size_;
        return first[index];
    }
    void erase(std::uint32_t index, pool& blocks) {
        pane* const first = data();
        std::move_backward(first, first + index, first + index + 1);
        std::destroy_at(first);
        --size_;
        if (capacity_ == 1) return;
        ++many_.first;
        if (size_ <= 1) return_block(blocks);
    }

  private:
    struct block_of_panes {
        pane* block;
        std::uint32_t first;
    };

    void make_room(pool& blocks) {
        if (size_ < capacity_ && (capacity_ == 1 || many_.first + size_ < capacity_)) return;
        // What has gone at the front is room if it is half of the block.
        const std::uint32_t capacity = capacity_ == 1 ? 4 : size_ > capacity_ / 2 ? capacity_ * 2 : capacity_;
        if (capacity == capacity_) {
            pane* const to = many_.block;
            for (std::uint32_t i = 0; i < size_; ++i) relocate(to + many_.first + i, to + i);
            many_.first = 0;
            return;
        }
        pane* const to = blocks.take(capacity);
        for (std::uint32_t i = 0; i < size_; ++i) relocate(data() + i, to + i);
        if (capacity_ > 1) blocks.give(many_.block, capacity_);
        many_ = {to, 0};
        capacity_ = capacity;
    }
    void return_block(pool& blocks) {
        const block_of_panes left = many_;
        const std::uint32_t capacity = std::exchange(capacity_, 1);
        if (size_ == 1) relocate(left.block + left.first, &one_);
        blocks.give(left.block, capacity);
    }
    static void relocate(pane* from, pane* to) noexcept {
        std::construct_at(to, std::move(*from));
        std::destroy_at(from);
    }

    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 1;  // a power of two
    union {
        pane one_;
        block_of_panes many_;
    };
};

}  // namespace weir::detail

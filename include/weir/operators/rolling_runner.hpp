// SPDX-License-Identifier: Apache-2.0
// How one aggregate follows one rolling length of one key: by adding what comes and taking back what goes where that is
// exact; by two stacks where it is not (a suffix aggregate per record that may go, and one over what came after:
// amortized O(1) per record); by walking over the buffer where the aggregate does not commute.
//
// The buffer is a list of items ordered by time; the runner stands for the items [begin, end).
#pragma once
#include <vector>

#include <weir/operators/rolling_part.hpp>

namespace weir::detail {

// Adds what item `place` keeps for aggregate number I.
template <std::size_t I, class A, class Item> void add_item(const A& aggregate, typename A::state_type& state,
                                                            const Item& item) {
    if constexpr (std::is_same_v<typename Item::stamp_type, stamp>) {
        detail::add(aggregate, state, std::get<I>(item.values), item.at);
    } else {
        aggregate.add(state, std::get<I>(item.values));
    }
}

// The aggregate of items [begin, end).
template <std::size_t I, class A, class Item>
[[nodiscard]] typename A::state_type walk(const A& aggregate, const std::vector<Item>& items, std::size_t begin,
                                          std::size_t end) {
    auto state = aggregate.create();
    for (std::size_t i = begin; i < end; ++i) add_item<I>(aggregate, state, items[i]);
    return state;
}

template <class A, std::size_t I, class Item>
class rolling_runner {
  public:
    using items_type = std::vector<Item>;
    using value_type = std::tuple_element_t<I, decltype(Item::values)>;
    static constexpr bool takes_back = removable<A, value_type> && commutes<A>;
    static constexpr bool stacks = !takes_back && commutes<A>;

    explicit rolling_runner(const A& aggregate) : state_(aggregate.create()) {}

    // An item was put at `place`; the runner's items begin at `begin`.
    void added(const A& aggregate, const items_type& items, std::size_t begin, std::size_t place) {
        if (place < begin) return;
        if constexpr (takes_back) {
            aggregate.add(state_, std::get<I>(items[place].values));
        } else if constexpr (stacks) {
            if (place < turned_) {
                turn(aggregate, items, begin);
            } else {
                add_item<I>(aggregate, state_, items[place]);
            }
        }
    }
    // Item `gone` is about to leave at the front.
    void removed(const A& aggregate, const items_type& items, std::size_t gone) {
        if constexpr (takes_back) {
            aggregate.remove(state_, std::get<I>(items[gone].values));
        } else if constexpr (stacks) {
            if (gone < turned_) {
                suffixes_.pop_back();
            } else {
                turn(aggregate, items, gone + 1);
            }
        }
    }
    // All places move down by `count`: the front of the buffer was cut off. Or up by one for an item put before.
    void shifted_down(std::size_t count) noexcept { turned_ = turned_ > count ? turned_ - count : 0; }
    void shifted_up() noexcept { ++turned_; }
    [[nodiscard]] std::size_t turned() const noexcept { return turned_; }

    [[nodiscard]] auto result(const A& aggregate, const items_type& items, std::size_t begin) const {
        if constexpr (takes_back) {
            return aggregate.result(state_);
        } else if constexpr (stacks) {
            if (suffixes_.empty()) return aggregate.result(state_);
            auto merged = suffixes_.back();
            aggregate.merge(merged, state_);
            return aggregate.result(merged);
        } else {
            return aggregate.result(walk<I>(aggregate, items, begin, items.size()));
        }
    }
    // Makes everything anew from the buffer.
    void rebuild(const A& aggregate, const items_type& items, std::size_t begin) {
        if constexpr (takes_back) state_ = walk<I>(aggregate, items, begin, items.size());
        if constexpr (stacks) turn(aggregate, items, begin);
    }

  private:
    // Suffix aggregates of all items from `begin` on; nothing has come after them.
    void turn(const A& aggregate, const items_type& items, std::size_t begin) {
        suffixes_.clear();
        state_ = aggregate.create();
        for (std::size_t i = items.size(); i-- > begin;) {
            auto suffix = walk<I>(aggregate, items, i, i + 1);
            if (!suffixes_.empty()) aggregate.merge(suffix, suffixes_.back());
            suffixes_.push_back(std::move(suffix));
        }
        turned_ = items.size();
    }

    typename A::state_type state_;
    std::vector<typename A::state_type> suffixes_;  // the last one is of all items up to turned_
    std::size_t turned_ = 0;
};

}  // namespace weir::detail

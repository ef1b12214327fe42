// SPDX-License-Identifier: Apache-2.0
// How one aggregate follows one rolling length of one key: by adding what comes and taking back what goes where that is
// exact; by two stacks where it is not (a suffix aggregate per record that may go, and one over what came after:
// amortized O(1) per record); by walking over the buffer where the aggregate does not commute.
//
// The buffer is a list of items ordered by time; the runner stands for the items [begin, end).
#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include <weir/base/fetch_ahead.hpp>
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

// A runner has: added(aggregate, items, begin, place), an item was put at `place` and the runner's items begin at
// `begin`; removed(aggregate, items, gone), item `gone` is about to leave at the front; shifted_down(count), the front
// of the buffer was cut off; result(aggregate, items, begin); rebuild(aggregate, items, begin), from the buffer alone;
// clear(aggregate), as new; fetch(), asks for the memory that the next record will need;
// and, where it is cheaper than a walk, result_between(aggregate, items, begin, from, to): over the items [from, to)
// with from <= begin, to below the end.
template <class A, std::size_t I, class Item>
class subtracting_runner {
  public:
    using items_type = std::vector<Item>;

    explicit subtracting_runner(const A& aggregate) : state_(aggregate.create()) {}
    void clear(const A& aggregate) { state_ = aggregate.create(); }
    void fetch() const noexcept {
        if constexpr (requires { state_.fetch(); }) state_.fetch();
    }
    void added(const A& aggregate, const items_type& items, std::size_t begin, std::size_t place) {
        if (place >= begin) aggregate.add(state_, std::get<I>(items[place].values));
    }
    void removed(const A& aggregate, const items_type& items, std::size_t gone) {
        aggregate.remove(state_, std::get<I>(items[gone].values));
    }
    void shifted_down(std::size_t) noexcept {}
    [[nodiscard]] auto result(const A& aggregate, const items_type&, std::size_t) const {
        return aggregate.result(state_);
    }
    void rebuild(const A& aggregate, const items_type& items, std::size_t begin) {
        state_ = walk<I>(aggregate, items, begin, items.size());
    }
    // Takes back what lies behind and adds what lies before, and then undoes both, exactly.
    [[nodiscard]] auto result_between(const A& aggregate, const items_type& items, std::size_t begin, std::size_t from,
                                      std::size_t to) {
        for (std::size_t i = from; i < begin; ++i) aggregate.add(state_, std::get<I>(items[i].values));
        for (std::size_t i = to; i < items.size(); ++i) aggregate.remove(state_, std::get<I>(items[i].values));
        auto result = aggregate.result(state_);
        for (std::size_t i = to; i < items.size(); ++i) aggregate.add(state_, std::get<I>(items[i].values));
        for (std::size_t i = from; i < begin; ++i) aggregate.remove(state_, std::get<I>(items[i].values));
        return result;
    }

  private:
    typename A::state_type state_;
};

template <class A, std::size_t I, class Item>
class stacking_runner {
  public:
    using items_type = std::vector<Item>;

    explicit stacking_runner(const A& aggregate) : state_(aggregate.create()) {}
    void clear(const A& aggregate) {
        suffixes_.clear();
        if (strays_ != nullptr) strays_->clear();
        state_ = aggregate.create();
        turned_ = 0;
    }
    void fetch() const noexcept {
        if (!suffixes_.empty()) fetch_ahead(&suffixes_.back());
    }
    // An item among those that suffixes stand for strays: it counts with those that came after, until it goes.
    void added(const A& aggregate, const items_type& items, std::size_t begin, std::size_t place) {
        if (place < turned_) {
            ++turned_;
            if (strays_ == nullptr) strays_ = std::make_unique<std::vector<std::size_t>>();
            const auto later = std::lower_bound(strays_->begin(), strays_->end(), place);
            for (auto each = later; each != strays_->end(); ++each) ++*each;
            if (place < begin) return;
            strays_->insert(later, place);
        } else if (place < begin) {
            return;
        }
        add_item<I>(aggregate, state_, items[place]);
    }
    void removed(const A& aggregate, const items_type& items, std::size_t gone) {
        const bool strays = strays_ != nullptr && !strays_->empty() && strays_->front() == gone;
        if (gone < turned_ && !strays) {
            suffixes_.pop_back();
        } else {
            turn(aggregate, items, gone + 1);
        }
    }
    void shifted_down(std::size_t count) noexcept {
        turned_ = turned_ > count ? turned_ - count : 0;
        if (strays_ == nullptr) return;
        for (std::size_t& each : *strays_) each -= count;
    }
    [[nodiscard]] auto result(const A& aggregate, const items_type&, std::size_t) const {
        if (suffixes_.empty()) return aggregate.result(state_);
        auto merged = suffixes_.back();
        aggregate.merge(merged, state_);
        return aggregate.result(merged);
    }
    void rebuild(const A& aggregate, const items_type& items, std::size_t begin) { turn(aggregate, items, begin); }

  private:
    // Suffix aggregates of all items from `begin` on; nothing has come after them.
    void turn(const A& aggregate, const items_type& items, std::size_t begin) {
        suffixes_.clear();
        if (strays_ != nullptr) strays_->clear();
        state_ = aggregate.create();
        for (std::size_t i = items.size(); i-- > begin;) {
            auto suffix = walk<I>(aggregate, items, i, i + 1);
            if (!suffixes_.empty()) aggregate.merge(suffix, suffixes_.back());
            suffixes_.push_back(std::move(suffix));
        }
        turned_ = items.size();
    }

    typename A::state_type state_;
    std::vector<typename A::state_type> suffixes_;  // the last one is of all items up to turned_ that do not stray
    std::unique_ptr<std::vector<std::size_t>> strays_;  // rising; made when one comes
    std::size_t turned_ = 0;
};

template <class A, std::size_t I, class Item>
class walking_runner {
  public:
    using items_type = std::vector<Item>;

    explicit walking_runner(const A&) {}
    void clear(const A&) noexcept {}
    void fetch() const noexcept {}
    void added(const A&, const items_type&, std::size_t, std::size_t) {}
    void removed(const A&, const items_type&, std::size_t) {}
    void shifted_down(std::size_t) noexcept {}
    [[nodiscard]] auto result(const A& aggregate, const items_type& items, std::size_t begin) const {
        return aggregate.result(walk<I>(aggregate, items, begin, items.size()));
    }
    void rebuild(const A&, const items_type&, std::size_t) {}
};

template <class A, std::size_t I, class Item>
using rolling_runner = std::conditional_t<
    !commutes<A>, walking_runner<A, I, Item>,
    std::conditional_t<removable<A, std::tuple_element_t<I, decltype(Item::values)>>, subtracting_runner<A, I, Item>,
                       stacking_runner<A, I, Item>>>;

}  // namespace weir::detail

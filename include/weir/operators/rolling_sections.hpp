// SPDX-License-Identifier: Apache-2.0
// Aggregates of sections of a key's buffer, for records that come out of order: what lies between two places is merged
// from sections of 64 items, and of 64 sections, instead of item by item. Sections are made when they are first asked
// for, and forgotten when an item is put before their end.
#pragma once
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <weir/operators/rolling_runner.hpp>

namespace weir::detail {

// Where no sections are kept: the aggregate does not commute, or can be taken back.
struct no_sections {
    void put_at(std::size_t) noexcept {}
    void clear() noexcept {}
};

template <class A, std::size_t I, class Item>
class rolling_sections {
  public:
    // An item was put at `place`: it and all behind it have moved.
    void put_at(std::size_t place) {
        if (levels_ == nullptr) return;
        std::size_t kept = place / section;
        for (auto& level : *levels_) {
            if (level.size() > kept) level.erase(level.begin() + static_cast<std::ptrdiff_t>(kept), level.end());
            kept /= section;
        }
    }
    // The front of the buffer was cut off.
    void clear() noexcept {
        if (levels_ == nullptr) return;
        for (auto& level : *levels_) level.clear();
    }
    // The aggregate of the items [from, to). O(distance / 4096 + 256) merges, if items are put near the end.
    [[nodiscard]] typename A::state_type between(const A& aggregate, const std::vector<Item>& items, std::size_t from,
                                                 std::size_t to) {
        if (levels_ == nullptr) levels_ = std::make_unique<levels>();
        auto state = aggregate.create();
        std::size_t at = from;
        while (at < to) {
            if (at % (section * section) == 0 && at + section * section <= to) {
                aggregate.merge(state, outer(aggregate, items, at / (section * section)));
                at += section * section;
            } else if (at % section == 0 && at + section <= to) {
                aggregate.merge(state, inner(aggregate, items, at / section));
                at += section;
            } else {
                add_item<I>(aggregate, state, items[at++]);
            }
        }
        return state;
    }

  private:
    static constexpr std::size_t section = 64;
    using levels = std::array<std::vector<typename A::state_type>, 2>;

    const auto& inner(const A& aggregate, const std::vector<Item>& items, std::size_t number) {
        auto& level = (*levels_)[0];
        while (level.size() <= number) {
            const std::size_t begin = level.size() * section;
            level.push_back(walk<I>(aggregate, items, begin, begin + section));
        }
        return level[number];
    }
    const auto& outer(const A& aggregate, const std::vector<Item>& items, std::size_t number) {
        auto& level = (*levels_)[1];
        while (level.size() <= number) {
            auto state = aggregate.create();
            const std::size_t begin = level.size() * section;
            for (std::size_t i = begin; i < begin + section; ++i) aggregate.merge(state, inner(aggregate, items, i));
            level.push_back(std::move(state));
        }
        return level[number];
    }

    std::unique_ptr<levels> levels_;
};

template <class A, std::size_t I, class Item>
using rolling_sections_of =
    std::conditional_t<std::is_same_v<rolling_runner<A, I, Item>, stacking_runner<A, I, Item>>,
                       rolling_sections<A, I, Item>, no_sections>;

}  // namespace weir::detail

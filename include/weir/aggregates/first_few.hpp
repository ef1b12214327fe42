// SPDX-License-Identifier: Apache-2.0
// The first so many items in a total order: the state of top_k, bottom_k and collect; last_few.hpp is its other end.
// Which ones they are does not depend on how records came or were split: an item among the first of all is among the
// first of every part it is in, so that dropping what lies beyond loses nothing. That is also why nothing can be taken
// back.
//
// An Item has before(left, right), static, for items and what is known of a record before an item is made of it; and
// save, load and type_tag.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <weir/base/error.hpp>
#include <weir/record/binary.hpp>

namespace weir::detail {

inline void require_room(std::size_t most, const char* sentence) {
    if (most == 0) throw error(error_kind::configuration, sentence);
}

template <class Item>
class first_few {
  public:
    // Takes what make() gives, unless `most` items come before it. O(log n), and O(n) moves where it comes in between.
    template <class Probe, class Make>
    void offer(const Probe& probe, std::size_t most, Make&& make) {
        const bool full = items_.size() >= most;
        if (items_.empty() || !Item::before(probe, items_.back())) {
            if (!full) items_.push_back(make());
            return;
        }
        const auto before = [](const auto& left, const auto& right) { return Item::before(left, right); };
        const auto place = std::upper_bound(items_.begin(), items_.end(), probe, before) - items_.begin();
        if (full) items_.pop_back();
        items_.insert(items_.begin() + place, make());
    }
    // O(n), or O(n + m) where both lists are taken from.
    void merge(const first_few& other, std::size_t most) {
        if (other.items_.empty()) return;
        if (items_.size() >= most && !Item::before(other.items_.front(), items_.back())) return;
        std::vector<Item> both;
        both.reserve(std::min(most, items_.size() + other.items_.size()));
        auto mine = items_.begin();
        auto theirs = other.items_.begin();
        while (both.size() < most && (mine != items_.end() || theirs != other.items_.end())) {
            const bool from_other = mine == items_.end() ||
                                    (theirs != other.items_.end() && Item::before(*theirs, *mine));
            both.push_back(from_other ? *theirs++ : *mine++);
        }
        items_ = std::move(both);
    }
    [[nodiscard]] const std::vector<Item>& items() const noexcept { return items_; }

    static std::string type_tag() { return "list<" + Item::type_tag() + ">"; }
    template <class Writer>
        requires storable<Item>
    void save(Writer& writer) const {
        writer.write_count(items_.size());
        for (const Item& each : items_) each.save(writer);
    }
    template <class Reader>
        requires storable<Item>
    void load(Reader& reader) {
        std::vector<Item> fresh;
        for (auto left = reader.read_count(); left > 0; --left) {
            fresh.emplace_back().load(reader);
            if (fresh.size() > 1 && Item::before(fresh.back(), fresh[fresh.size() - 2])) {
                throw error(error_kind::state, "the snapshot is damaged: a list of first items is not in order");
            }
        }
        items_ = std::move(fresh);
    }

  private:
    std::vector<Item> items_;
};

}  // namespace weir::detail

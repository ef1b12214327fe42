// SPDX-License-Identifier: Apache-2.0
// The last so many items in a total order: first_few.hpp seen from the other end, for records that mostly come in that
// order. One that comes last is put behind the others, and the first one goes: it is only counted as gone, and as many
// as are kept leave at once, so that each costs O(1).
#pragma once
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <weir/base/error.hpp>
#include <weir/record/binary.hpp>

namespace weir::detail {

template <class Item>
class last_few {
  public:
    // Takes what make() gives, unless `most` items come after it. O(1) at the end, else O(log n) and up to n moves.
    template <class Probe, class Make>
    void offer(const Probe& probe, std::size_t most, Make&& make) {
        const auto before = [](const auto& left, const auto& right) { return Item::before(left, right); };
        const bool full = items().size() >= most;
        if (full && Item::before(probe, items().front())) return;
        if (items().empty() || !Item::before(probe, items_.back())) {
            items_.push_back(make());
        } else {
            items_.insert(std::upper_bound(items_.begin() + gone(), items_.end(), probe, before), make());
        }
        if (full) ++gone_;
        if (gone_ >= most) leave();
    }
    // O(n + m), where m is the other's number.
    void merge(const last_few& other, std::size_t most) {
        if (other.items().empty()) return;
        const auto before = [](const Item& left, const Item& right) { return Item::before(left, right); };
        std::vector<Item> both;
        both.reserve(items().size() + other.items().size());
        std::merge(items().begin(), items().end(), other.items().begin(), other.items().end(),
                   std::back_inserter(both), before);
        items_ = std::move(both);
        gone_ = items_.size() > most ? items_.size() - most : 0;
        leave();
    }
    [[nodiscard]] std::span<const Item> items() const noexcept { return std::span{items_}.subspan(gone_); }

    static std::string type_tag() { return "list<" + Item::type_tag() + ">"; }
    template <class Writer>
        requires storable<Item>
    void save(Writer& writer) const {
        writer.write_count(items().size());
        for (const Item& each : items()) each.save(writer);
    }
    template <class Reader>
        requires storable<Item>
    void load(Reader& reader) {
        std::vector<Item> fresh;
        for (auto left = reader.read_count(); left > 0; --left) {
            fresh.emplace_back().load(reader);
            if (fresh.size() > 1 && Item::before(fresh.back(), fresh[fresh.size() - 2])) {
                throw error(error_kind::state, "the snapshot is damaged: a list of last items is not in order");
            }
        }
        items_ = std::move(fresh);
        gone_ = 0;
    }

  private:
    [[nodiscard]] std::ptrdiff_t gone() const noexcept { return static_cast<std::ptrdiff_t>(gone_); }
    void leave() {
        items_.erase(items_.begin(), items_.begin() + gone());
        gone_ = 0;
    }

    std::vector<Item> items_;
    std::size_t gone_ = 0;  // so many at the front are there no more
};

}  // namespace weir::detail

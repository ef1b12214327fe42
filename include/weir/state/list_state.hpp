// SPDX-License-Identifier: Apache-2.0
// list_state<T>: a list as a field of a process's State, in the order in which values were added, of which a checkpoint
// writes what came and went. With ttl(length) each value lives that long after it was added. It is a map_state by
// numbers that go up: all that is said there holds. O(log n) per value.
#pragma once
#include <cstdint>

#include <weir/state/map_state.hpp>

namespace weir {

template <class T>
class list_state {
  public:
    list_state() = default;
    template <class Touch> explicit list_state(time_to_live<Touch> ttl) : items_(ttl) {}

    [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
    [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
    T& push_back(T value) { return items_.put(empty() ? 0 : items_.last_key() + 1, std::move(value)); }
    // Of a list that is not empty.
    [[nodiscard]] const T& front() const { return *items_.find(items_.first_key()); }
    [[nodiscard]] const T& back() const { return *items_.find(items_.last_key()); }
    void pop_front() { items_.erase(std::uint64_t{items_.first_key()}); }
    void pop_back() { items_.erase(std::uint64_t{items_.last_key()}); }
    void clear() { items_.clear(); }
    // Calls visit(const T&) in the order of the list. Nothing is touched.
    template <class Visit> void for_each(Visit&& visit) const {
        items_.for_each([&](std::uint64_t, const T& each) { visit(each); });
    }

    void save(binary_writer& writer) const
        requires storable<T>
    {
        items_.save(writer);
    }
    void load(binary_reader& reader)
        requires storable<T>
    {
        items_.load(reader);
    }
    [[nodiscard]] static std::string type_tag() { return "list_state<" + tag_if_known<T>() + ">"; }

    // Of process alone: how its values are kept.
    [[nodiscard]] map_state<std::uint64_t, T>& items() noexcept { return items_; }
    [[nodiscard]] const map_state<std::uint64_t, T>& items() const noexcept { return items_; }

  private:
    map_state<std::uint64_t, T> items_;
};

namespace detail {
template <class T> inline constexpr bool is_list_state<list_state<T>> = true;
}  // namespace detail

}  // namespace weir

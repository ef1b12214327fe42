// SPDX-License-Identifier: Apache-2.0
// Looking up the keys of many records together: while the records of one group are taken, the memory of the next is on
// its way. What is found so is a guess that costs one comparison to confirm.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <weir/state/keyed_store.hpp>

namespace weir::detail {

template <class Store>
class likely_entries {
  public:
    using entry = typename Store::entry;

    // Of the keys key_at(begin), ..., as many as are looked for together. `heads` are those of their hashes, or null.
    template <class KeyAt>
    void look(const Store& store, std::size_t begin, std::size_t end, KeyAt&& key_at, const std::uint32_t* heads) {
        begin_ = begin;
        count_ = std::min(end - begin, Store::together);
        removals_ = store.removals();
        if (heads != nullptr) {
            store.look_ahead(count_, [&](std::size_t i) { return heads[begin + i]; }, found_, places_);
        } else {
            store.look_ahead(count_, [&](std::size_t i) { return head_of(hash_of(key_at(begin + i))); }, found_,
                             places_);
        }
    }
    [[nodiscard]] std::size_t begin() const noexcept { return begin_; }
    [[nodiscard]] std::size_t end() const noexcept { return begin_ + count_; }

    // The entry of key number `index`, made with make() if there is none.
    template <class Key, class Make>
    [[nodiscard]] entry& find_or_add(Store& store, std::size_t index, const Key& key, Make&& make) const {
        entry* const likely = found_[index - begin_];
        if (likely != nullptr && removals_ == store.removals() && likely->key == key) [[likely]] {
            store.touch(places_[index - begin_]);
            return *likely;
        }
        return store.find_or_add(key, key_hash(key), make);
    }
    // Calls fetch(entry&) for what was found, unless something has gone since, and fetches the text of its key ahead.
    template <class Fetch> void fetch(const Store& store, Fetch&& fetch) const {
        if (removals_ != store.removals()) return;
        for (std::size_t i = 0; i < count_; ++i) {
            if (found_[i] == nullptr) continue;
            if constexpr (hashed_as_text<decltype(entry::key)>) fetch_ahead(found_[i]->key.data());
            fetch(*found_[i]);
        }
    }

  private:
    [[nodiscard]] static std::uint64_t hash_of(const decltype(entry::key)& key) { return key_hash(key); }

    entry* found_[Store::together];
    std::uint32_t places_[Store::together];
    std::size_t begin_ = 0;
    std::size_t count_ = 0;
    std::uint64_t removals_ = 0;
};

// Calls take(group) for one group of likely entries after the other, and before it fetch(entry&) for what was found, to
// fetch ahead what an entry owns elsewhere, unless that is `nothing`. `heads[i]` is that of key_at(i), unless null.
template <class Store, class KeyAt, class Take, class Fetch>
void take_in_groups(const Store& store, std::size_t begin, std::size_t end, KeyAt&& key_at,
                    const std::uint32_t* heads, Take&& take, Fetch&& fetch, bool nothing = false) {
    likely_entries<Store> groups[2];
    groups[0].look(store, begin, end, key_at, heads);
    if (!nothing) groups[0].fetch(store, fetch);
    for (unsigned which = 0; groups[which].begin() != groups[which].end(); which ^= 1U) {
        likely_entries<Store>& next = groups[which ^ 1U];
        next.look(store, groups[which].end(), end, key_at, heads);
        take(std::as_const(groups[which]));
        if (!nothing) next.fetch(store, fetch);
    }
}

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// The keyed store: state by key, walked in the order of keys (stable hash, then canonical encoding).
//
// An index of (hash, place) pairs stands in hash order: a key's home is hash * capacity / 2^64, and linear probing
// keeps neighbours sorted, so a walk over the index is a walk in order, without sorting, and shards lie side by side
// (the ordered form of Robin Hood hashing, Amble & Knuth 1974). The entries themselves never move: they live in blocks
// and are reached through the index.
#pragma once
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <weir/state/key.hpp>

namespace weir {

template <stably_hashable Key, class Value>
class keyed_store {
  public:
    struct entry {
        Key key;
        std::uint64_t hash;
        Value value;
    };

    keyed_store() { rebuild(16); }
    keyed_store(const keyed_store&) = delete;
    keyed_store& operator=(const keyed_store&) = delete;
    ~keyed_store() { clear(); }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    // Bytes held, without what keys and values own elsewhere.
    [[nodiscard]] std::size_t memory() const noexcept {
        return slots_.capacity() * sizeof(slot) + blocks_.size() * block_entries * sizeof(cell);
    }

    // The place where the walk for a hash begins, to be fetched ahead of time.
    void prefetch(std::uint64_t hash) const noexcept { __builtin_prefetch(&slots_[home(hash)]); }

    // The entry of a key, or null. O(1) expected.
    [[nodiscard]] entry* find(const Key& key, std::uint64_t hash) noexcept {
        const position at = locate(key, hash);
        return at.found ? slots_[at.index].place : nullptr;
    }
    // The entry of a key, made with `make()` if there is none. O(1) expected, amortized. References to entries stay
    // valid until they are erased.
    template <class Make> entry& find_or_add(const Key& key, std::uint64_t hash, Make&& make) {
        position at = locate(key, hash);
        if (at.found) return *slots_[at.index].place;
        if ((size_ + 1) * 10 > capacity_ * 8) {
            grow();
            at = locate(key, hash);
        }
        entry* made = allocate();
        std::construct_at(made, entry{key, hash, make()});
        insert_slot(at.index, {hash, made});
        ++size_;
        return *made;
    }
    // Calls visit(entry&) in key order; an entry for which it returns false is erased. O(size).
    template <class Visit> void retain(Visit&& visit) {
        std::size_t write = 0;
        bool erased = false;
        for (std::size_t read = 0; read < slots_.size(); ++read) {
            entry* place = slots_[read].place;
            if (place == nullptr) continue;
            if (!visit(*place)) {
                destroy(place);
                slots_[read] = {};
                --size_;
                erased = true;
            }
        }
        // Entries move back towards their homes, order kept.
        if (!erased) return;
        for (std::size_t read = 0; read < slots_.size(); ++read) {
            if (slots_[read].place == nullptr) continue;
            const slot moved = std::exchange(slots_[read], slot{});
            write = std::max(write, home(moved.hash));
            slots_[write++] = moved;
        }
    }
    template <class Visit> void for_each(Visit&& visit) {
        for (const slot& each : slots_) {
            if (each.place != nullptr) visit(*each.place);
        }
    }
    template <class Visit> void for_each_of_shard(unsigned shard, Visit&& visit) const {
        const std::uint64_t first = std::uint64_t{shard} << 57;
        for (std::size_t at = home(first); at < slots_.size(); ++at) {
            const slot& each = slots_[at];
            if (each.place == nullptr) continue;
            if ((each.hash >> 57) > shard) break;
            if ((each.hash >> 57) == shard) visit(std::as_const(*each.place));
        }
    }
    void erase(const Key& key, std::uint64_t hash) noexcept {
        const position found = locate(key, hash);
        if (!found.found) return;
        std::size_t at = found.index;
        destroy(slots_[at].place);
        --size_;
        while (at + 1 < slots_.size() && slots_[at + 1].place != nullptr && home(slots_[at + 1].hash) <= at) {
            slots_[at] = slots_[at + 1];
            ++at;
        }
        slots_[at] = {};
    }
    void clear() noexcept {
        for (slot& each : slots_) {
            if (each.place != nullptr) destroy(each.place);
            each = {};
        }
        size_ = 0;
    }

  private:
    struct slot {
        std::uint64_t hash = 0;
        entry* place = nullptr;
    };
    union cell {
        cell() noexcept : next(nullptr) {}
        ~cell() {}
        cell* next;
        entry live;
    };
    static constexpr std::size_t block_entries = sizeof(cell) >= 1024 ? 16 : 16384 / sizeof(cell);

    [[nodiscard]] std::size_t home(std::uint64_t hash) const noexcept {
        return static_cast<std::size_t>((static_cast<unsigned __int128>(hash) * capacity_) >> 64);
    }
    // Where a key is, or where it would have to be put.
    struct position {
        std::size_t index;
        bool found;
    };
    [[nodiscard]] position locate(const Key& key, std::uint64_t hash) const noexcept {
        std::size_t at = home(hash);
        while (slots_[at].place != nullptr && slots_[at].hash < hash) ++at;
        if constexpr (hashed_one_to_one<Key>) {
            return {at, slots_[at].hash == hash && slots_[at].place != nullptr};
        } else {
            // Different keys of one hash stand in the order of their encodings.
            for (; slots_[at].place != nullptr && slots_[at].hash == hash; ++at) {
                if (slots_[at].place->key == key) return {at, true};
                if (tie_words(key) < tie_words(slots_[at].place->key)) break;
            }
            return {at, false};
        }
    }
    // The last slot stays empty, so that every walk ends.
    void insert_slot(std::size_t at, slot added) {
        std::size_t end = at;
        while (slots_[end].place != nullptr) ++end;
        if (end + 1 >= slots_.size()) slots_.resize(slots_.size() + 64);
        for (; end > at; --end) slots_[end] = slots_[end - 1];
        slots_[at] = added;
    }
    void grow() { rebuild(capacity_ + capacity_ / 2 + 16); }
    void rebuild(std::size_t capacity) {
        std::vector<slot> old(capacity + 64);
        old.swap(slots_);
        capacity_ = capacity;
        std::size_t write = 0;
        for (const slot& each : old) {
            if (each.place == nullptr) continue;
            write = std::max(write, home(each.hash));
            if (write + 1 >= slots_.size()) slots_.resize(slots_.size() + 64);
            slots_[write++] = each;
        }
    }
    [[nodiscard]] entry* allocate() {
        if (free_ == nullptr) {
            blocks_.push_back(std::make_unique<cell[]>(block_entries));
            cell* block = blocks_.back().get();
            for (std::size_t i = block_entries; i-- > 0;) {
                block[i].next = free_;
                free_ = &block[i];
            }
        }
        cell* taken = free_;
        free_ = taken->next;
        return &taken->live;
    }
    void destroy(entry* place) noexcept {
        std::destroy_at(place);
        cell* freed = reinterpret_cast<cell*>(place);
        std::construct_at(&freed->next, free_);
        free_ = freed;
    }

    std::vector<slot> slots_;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
    std::vector<std::unique_ptr<cell[]>> blocks_;
    cell* free_ = nullptr;
};

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// The keyed store: state by key, walked in the order of keys (stable hash, then canonical encoding).
//
// An index of slots stands in hash order: a key's home is its place on the line of hashes, scaled to the table, and
// linear probing keeps neighbours sorted, so a walk over the index is a walk in order, without sorting, and shards lie
// side by side (the ordered form of Robin Hood hashing, Amble & Knuth 1974). A slot holds the head of the hash, its
// upper half; how far a key is from its home is counted over several slots at once, without a branch for each. The
// entries themselves never move: they live in blocks and are reached through the index. A place is the number of an
// entry's cell in them.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <weir/base/fetch_ahead.hpp>
#include <weir/base/slabs.hpp>
#include <weir/state/key.hpp>
#include <weir/state/touched_keys.hpp>

namespace weir {

namespace detail {
// Stands where a hash is made again when it is needed.
struct no_hash_kept {
    constexpr no_hash_kept(std::uint64_t) noexcept {}
};
}  // namespace detail

template <stably_hashable Key, class Value>
class keyed_store {
  public:
    // The hash is kept beside the key only where it takes time to make it.
    struct entry {
        Key key;
        [[no_unique_address]] std::conditional_t<hashed_one_to_one<Key>, detail::no_hash_kept, std::uint64_t> kept;
        Value value;

        [[nodiscard]] std::uint64_t hash() const {
            if constexpr (hashed_one_to_one<Key>) {
                return key_hash(key);
            } else {
                return kept;
            }
        }
    };

    keyed_store() { rebuild(16); }
    keyed_store(const keyed_store&) = delete;
    keyed_store& operator=(const keyed_store&) = delete;
    ~keyed_store() {
        for (const slot& each : slots_) {
            if (each.place != nowhere) destroy(each.place);
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    // Bytes held, without what keys and values own elsewhere.
    [[nodiscard]] std::size_t memory() const noexcept {
        return slots_.capacity() * sizeof(slot) + blocks_.size() * (sizeof(block) + sizeof(block*));
    }

    // From now on the store knows what changes: entries that find_or_add or touch has been called for, and keys whose
    // entries have gone. What is there counts as unchanged.
    void track_changes() { changes_.track(blocks_.size() * block_entries); }
    [[nodiscard]] bool tracks_changes() const noexcept { return changes_.tracked(); }
    // An entry that a group found there (look_ahead) is about to change.
    [[gnu::always_inline]] void touch(std::uint32_t place) noexcept { changes_.touch(place); }
    // Calls gone(key) for the keys that have gone, then changed(entry&, made) for entries that have been touched, in no
    // order, and forgets them; `made`: the entry is new. A key that has gone may be there again. fetch(entry&) is
    // called some entries before, as by retain. O(changes + size / 64).
    template <class Gone, class Changed, class Fetch>
    void take_changes(Gone&& gone, Changed&& changed, Fetch&& fetch) {
        changes_.take_gone(gone);
        std::size_t next = 0;
        const auto gather = [&](group& into) {
            std::size_t size = 0;
            changes_.take_touched(next, together, [&](std::uint32_t place, bool made) {
                into.numbers[size] = made ? 1U : 0U;
                into.entries[size] = &at(place);
                detail::fetch_ahead(into.entries[size++], 0, std::min<std::size_t>(sizeof(entry), 128));
            });
            into.size = size;
        };
        walk_groups(gather, fetch, [&](entry& each, std::uint32_t made) { changed(each, made != 0); });
    }
    void forget_changes() noexcept { changes_.forget(); }
    // Calls visit(entry&) for entries that have been touched, in no order, and forgets nothing. O(size / 64 + touched).
    template <class Visit> void for_each_touched(Visit&& visit) {
        changes_.for_each_touched([&](std::uint32_t place) { visit(at(place)); });
    }

    // How many entries have gone so far: while it stays, pointers to entries stay good.
    [[nodiscard]] std::uint64_t removals() const noexcept { return removals_; }

    // Looks for the entries of up to `together` keys by the heads of their hashes, head_at(0), ..., head_at(count - 1),
    // so that the memory of all is on its way at once. What it finds, and at which places, is to be compared with the
    // key: it may be null, or another key's.
    static constexpr std::size_t together = 32;
    template <class HeadAt>
    void look_ahead(std::size_t count, HeadAt&& head_at, entry** found, std::uint32_t* places) const {
        std::uint32_t high[together];
        std::size_t from[together];
        for (std::size_t i = 0; i < count; ++i) {
            high[i] = head_at(i);
            from[i] = home(high[i]);
            detail::fetch_ahead(&slots_[from[i]]);
        }
        for (std::size_t i = 0; i < count; ++i) {
            const slot& likely = slots_[first_not_before(high[i], from[i])];
            found[i] = likely.place != nowhere ? &at(likely.place) : nullptr;
            places[i] = likely.place;
            detail::fetch_ahead(found[i], 0, std::min<std::size_t>(sizeof(entry), 256));
            // Entries that fill no whole lines, nor line up in one, lie across two.
            if constexpr (sizeof(cell) % 64 != 0 && 64 % sizeof(cell) != 0) {
                detail::fetch_ahead(found[i], sizeof(entry) - 1, 1);
            }
        }
    }

    // Room for so many keys, spread evenly over the hashes from `lowest` to `highest`, in whatever order they come. Of
    // an empty store. Without it, keys that come in the order of their hashes lie beyond all that the table was laid
    // over, and are looked for one behind the other.
    void reserve(std::size_t count, std::uint64_t lowest, std::uint64_t highest) {
        if (size_ != 0 || count + count / 2 + 16 <= capacity_) return;
        capacity_ = count + count / 2 + 16;
        slots_.assign(capacity_ + 64, {});
        lay_over(head_of(lowest), head_of(highest));
    }
    // The entry of a key, or null: to be read. O(1) expected.
    [[nodiscard]] entry* find(const Key& key, std::uint64_t hash) noexcept {
        const slot& found = slots_[locate(key, hash)];
        return matches(found, key, hash) ? &at(found.place) : nullptr;
    }
    // The entry of a key, made with `make()` if there is none. O(1) expected, amortized. References to entries stay
    // valid until they are erased.
    template <class Make> entry& find_or_add(const Key& key, std::uint64_t hash, Make&& make) {
        const slot& likely = slots_[first_not_before(head_of(hash), home(head_of(hash)))];
        if (matches(likely, key, hash)) [[likely]] {
            changes_.touch(likely.place);
            return at(likely.place);
        }
        return find_or_add_slowly(key, hash, make, true);
    }
    // The same for an entry that comes back from where changes are written to: it does not count as changed.
    template <class Make> entry& put_back(const Key& key, std::uint64_t hash, Make&& make) {
        return find_or_add_slowly(key, hash, make, false);
    }
    // Calls visit(entry&) in key order; an entry for which it returns false is erased. fetch(entry&) is called some
    // entries before, to fetch ahead what the entry owns elsewhere. O(size) expected.
    template <class Visit, class Fetch> void retain(Visit&& visit, Fetch&& fetch) {
        std::size_t next = 0;
        leaving_.clear();  // a visit that threw has left some
        const auto gather = [&](group& into) { gather_slots(next, into); };
        walk_groups(gather, fetch, [&](entry& each, std::uint32_t where) {
            if (!visit(each)) leaving_.push_back(where);
        });
        // From the last on, so that the places of the others stay true.
        for (; !leaving_.empty(); leaving_.pop_back()) remove(leaving_.back());
        if (leaving_.capacity() > 4 * size_ + 4096) std::vector<std::uint32_t>().swap(leaving_);
    }
    template <class Visit> void retain(Visit&& visit) {
        retain(visit, [](const entry&) {});
    }
    // Calls visit(entry&) in key order, and fetch as retain does.
    template <class Visit, class Fetch> void for_each(Visit&& visit, Fetch&& fetch) {
        std::size_t next = 0;
        const auto gather = [&](group& into) { gather_slots(next, into); };
        walk_groups(gather, fetch, [&](entry& each, std::uint32_t) { visit(each); });
    }
    template <class Visit> void for_each(Visit&& visit) {
        for_each(visit, [](const entry&) {});
    }
    template <class Visit> void for_each_of_shard(unsigned shard, Visit&& visit) const {
        for (std::size_t i = home(shard << 25); i < slots_.size(); ++i) {
            const slot& each = slots_[i];
            if (each.place == nowhere) continue;
            if ((each.high >> 25) > shard) break;
            if ((each.high >> 25) == shard) visit(std::as_const(at(each.place)));
        }
    }
    void erase(const Key& key, std::uint64_t hash) {
        const std::size_t found = locate(key, hash);
        if (matches(slots_[found], key, hash)) remove(found);
    }
    void clear() {
        for (slot& each : slots_) {
            if (each.place != nowhere) {
                changes_.going(each.place, at(each.place).key);
                destroy(each.place);
            }
            each = {};
        }
        removals_ += size_;
        size_ = 0;
    }

  private:
    static constexpr std::uint32_t nowhere = ~std::uint32_t{0};
    static constexpr std::size_t stride = 4;  // slots looked at together
    static constexpr std::size_t ahead = 16;  // empty slots at the end, so that every search ends

    // An empty slot is not before any hash.
    struct slot {
        std::uint32_t high = ~std::uint32_t{0};
        std::uint32_t place = nowhere;
    };
    union cell {
        cell() noexcept : next(nowhere) {}
        ~cell() {}
        std::uint32_t next;
        entry live;
    };
    // A power of two, of about 16 KiB.
    static constexpr std::size_t block_entries = std::max<std::size_t>(16, std::bit_floor(16384 / sizeof(cell)));
    // So aligned that an entry of 64 bytes lies in one line of the cache.
    struct alignas(64) block {
        cell cells[block_entries];
    };

    // Entries on their way, each with a number that whoever gathers them gives it.
    struct group {
        entry* entries[together];
        std::uint32_t numbers[together];
        std::size_t size = 0;
    };
    // A group of entries is on its way while the one before is fetched further and visited. gather(group&) fills one,
    // with nothing at the end.
    template <class Gather, class Fetch, class Visit>
    static void walk_groups(const Gather& gather, const Fetch& fetch, const Visit& visit) {
        group groups[2];
        gather(groups[0]);
        for (unsigned which = 0; groups[which].size != 0; which ^= 1U) {
            const group& present = groups[which];
            group& following = groups[which ^ 1U];
            gather(following);
            for (std::size_t i = 0; i < following.size; ++i) fetch(*following.entries[i]);
            for (std::size_t i = 0; i < present.size; ++i) visit(*present.entries[i], present.numbers[i]);
        }
    }
    // The next entries in key order, numbered by their slots.
    void gather_slots(std::size_t& next, group& into) const {
        std::size_t size = 0;
        for (const std::size_t end = slots_.size(); next < end && size < together; ++next) {
            if (slots_[next].place == nowhere) continue;
            into.numbers[size] = static_cast<std::uint32_t>(next);
            into.entries[size] = &at(slots_[next].place);
            detail::fetch_ahead(into.entries[size++]);
        }
        into.size = size;
    }

    [[nodiscard]] cell& cell_at(std::uint32_t place) const noexcept {
        return blocks_[place / block_entries]->cells[place % block_entries];
    }
    [[nodiscard]] entry& at(std::uint32_t place) const noexcept { return cell_at(place).live; }

    // Never falls as the hash rises. Hashes that lie outside the range of those that were here at the last rebuild,
    // which are few, share the homes at its ends.
    [[nodiscard]] std::size_t home(std::uint32_t high) const noexcept {
        const std::uint64_t offset = std::max(high, lowest_) - lowest_;
        return static_cast<std::size_t>((std::min(offset, span_) * scale_) >> 32);
    }
    // The first slot from the home on that is not before `high`.
    [[nodiscard]] std::size_t first_not_before(std::uint32_t high, std::size_t from) const noexcept {
        for (;;) {
            std::size_t before = 0;
            for (std::size_t i = 0; i < stride; ++i) before += slots_[from + i].high < high ? 1U : 0U;
            from += before;
            if (before < stride) return from;
        }
    }
    // Where a key is, or belongs.
    [[nodiscard]] std::size_t locate(const Key& key, std::uint64_t hash) const noexcept {
        std::size_t found = first_not_before(head_of(hash), home(head_of(hash)));
        while (slots_[found].high == head_of(hash) && is_before(slots_[found], key, hash)) ++found;
        return found;
    }
    [[nodiscard]] bool is_before(const slot& each, const Key& key, std::uint64_t hash) const noexcept {
        if (each.place == nowhere) return false;
        const entry& other = at(each.place);
        if constexpr (hashed_one_to_one<Key>) {
            return other.hash() < hash;
        } else {
            if (other.hash() != hash) return other.hash() < hash;
            return !(other.key == key) && tie_words(other.key) < tie_words(key);
        }
    }
    [[nodiscard]] bool matches(const slot& found, const Key& key, std::uint64_t hash) const noexcept {
        return found.high == head_of(hash) && found.place != nowhere && at(found.place).key == key;
    }
    template <class Make>
    [[gnu::noinline]] entry& find_or_add_slowly(const Key& key, std::uint64_t hash, Make& make, bool changes) {
        std::size_t found = locate(key, hash);
        if (matches(slots_[found], key, hash)) {
            if (changes) changes_.touch(slots_[found].place);
            return at(slots_[found].place);
        }
        if ((size_ + 1) * 4 > capacity_ * 3) {
            rebuild(capacity_ + capacity_ / 2 + 16);
            found = locate(key, hash);
        }
        const std::uint32_t place = allocate();
        entry* const made = std::construct_at(&cell_at(place).live, key, hash, make());
        insert_slot(found, {head_of(hash), place});
        if (changes) changes_.made(place);
        ++size_;
        return *made;
    }
    // Those behind move back towards their homes, order kept.
    void remove(std::size_t hole) {
        changes_.going(slots_[hole].place, at(slots_[hole].place).key);
        destroy(slots_[hole].place);
        --size_;
        ++removals_;
        for (; slots_[hole + 1].place != nowhere && home(slots_[hole + 1].high) <= hole; ++hole) {
            slots_[hole] = slots_[hole + 1];
        }
        slots_[hole] = {};
    }
    // The last slots stay empty.
    void insert_slot(std::size_t where, slot added) {
        std::size_t end = where;
        while (slots_[end].place != nowhere) ++end;
        if (end + 1 + ahead >= slots_.size()) slots_.resize(slots_.size() + 64);
        for (; end > where; --end) slots_[end] = slots_[end - 1];
        slots_[where] = added;
    }
    void rebuild(std::size_t capacity) {
        std::vector<slot> old(capacity + 64);
        old.swap(slots_);
        capacity_ = capacity;
        scale_to(old);
        std::size_t write = 0;
        for (const slot& each : old) {
            if (each.place == nowhere) continue;
            write = std::max(write, home(each.high));
            if (write + 1 + ahead >= slots_.size()) slots_.resize(slots_.size() + 64);
            slots_[write++] = each;
        }
    }
    // The keys of a worker have hashes from a part of the line: the table is laid over what there is.
    void scale_to(const std::vector<slot>& sorted) {
        std::uint64_t first = 0;
        std::uint64_t last = ~std::uint32_t{0};
        if (size_ >= 12) {
            const auto is_used = [](const slot& each) { return each.place != nowhere; };
            first = std::find_if(sorted.begin(), sorted.end(), is_used)->high;
            last = std::find_if(sorted.rbegin(), sorted.rend(), is_used)->high;
            const std::uint64_t room = (last - first) / size_;
            first -= std::min(first, room);
            last = std::min<std::uint64_t>(last + room, ~std::uint32_t{0});
        }
        lay_over(first, last);
    }
    void lay_over(std::uint64_t first, std::uint64_t last) {
        lowest_ = static_cast<std::uint32_t>(first);
        span_ = std::max<std::uint64_t>(last - first, capacity_);
        scale_ = (std::uint64_t{capacity_} << 32) / (span_ + 1);
    }
    [[nodiscard]] std::uint32_t allocate() {
        if (free_ == nowhere) {
            const auto first = static_cast<std::uint32_t>(blocks_.size() * block_entries);
            blocks_.push_back(std::construct_at(static_cast<block*>(memory_.take(sizeof(block), alignof(block)))));
            for (std::uint32_t i = block_entries; i-- > 0;) {
                blocks_.back()->cells[i].next = free_;
                free_ = first + i;
            }
            changes_.make_room(blocks_.size() * block_entries);
        }
        return std::exchange(free_, cell_at(free_).next);
    }
    void destroy(std::uint32_t place) noexcept {
        cell& freed = cell_at(place);
        std::destroy_at(&freed.live);
        std::construct_at(&freed.next, free_);
        free_ = place;
    }

    std::vector<slot> slots_;
    std::uint32_t lowest_ = 0;  // the hashes that the table is laid over: from lowest_ on, span_ wide
    std::uint64_t span_ = 0;
    std::uint64_t scale_ = 0;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
    std::uint64_t removals_ = 0;
    detail::slabs memory_;
    std::vector<block*> blocks_;
    std::vector<std::uint32_t> leaving_;  // slots of entries to be erased, while all are visited
    std::uint32_t free_ = nowhere;
    detail::touched_keys<Key> changes_;
};

}  // namespace weir

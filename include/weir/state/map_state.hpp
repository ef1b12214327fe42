// SPDX-License-Identifier: Apache-2.0
// map_state<K, V>: a map as a field of a process's State, of which a checkpoint writes the entries that have changed,
// however many there are.
//
//   struct card { std::uint64_t seen = 0; map_state<std::string, merchant> merchants{ttl(24h)}; };
//   BOOST_DESCRIBE_STRUCT(card, (), (seen, merchants))
//   process<card>([](auto& context, const payment& p, card& state) { ++state.merchants.put(p.merchant).count; ... });
//
// State is the map or has it for a field; the map of a struct within it is written as a whole, with the state. Entries
// stand in the order of their keys, which need operator<. With ttl(length) each entry lives that long, as state/ttl.hpp
// says: put is a write, find on a map that is not const is a read. It may be copied and assigned, but a reference into
// it is good for the call only. Access is O(log n); a node that was erased is used again.
#pragma once
#include <algorithm>
#include <concepts>
#include <map>
#include <utility>
#include <vector>

#include <weir/record/schema.hpp>
#include <weir/state/ttl.hpp>

namespace weir {
namespace detail {
struct map_access;
}

template <class K, class V>
class map_state {
    static_assert(
        requires(const K& key) {
            { key < key } -> std::convertible_to<bool>;
        },
        "map_state keeps its entries in order: give the key type an operator<");

  public:
    map_state() = default;
    template <class Touch>
    explicit map_state(time_to_live<Touch> ttl) : ttl_(ttl.length), writes_only_(Touch::writes_only) {}
    // A copy is a map like any other, wherever the original stands.
    map_state(const map_state& other) : ttl_(other.ttl_), writes_only_(other.writes_only_) { take(other); }
    map_state(map_state&& other) : ttl_(other.ttl_), writes_only_(other.writes_only_) {
        if (other.apart_) {
            take(other);
            other.clear();
        } else {
            entries_ = std::move(other.entries_);
            ends_ = std::move(other.ends_);
        }
    }
    // The entries are others; how long they live is the map's own matter.
    map_state& operator=(const map_state& other) {
        if (this != &other) {
            clear();
            take(other);
        }
        return *this;
    }
    map_state& operator=(map_state&& other) { return *this = std::as_const(other); }
    ~map_state() = default;

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] bool contains(const K& key) const { return entries_.contains(key); }
    // The value under the key, or null. Of a map that is not const it is a read, which may be a touch.
    [[nodiscard]] const V* find(const K& key) const {
        const auto found = entries_.find(key);
        return found == entries_.end() ? nullptr : &found->second.value;
    }
    [[nodiscard]] const V* find(const K& key) {
        const auto found = entries_.find(key);
        if (found == entries_.end()) return nullptr;
        if (!writes_only_) touch(*found);
        return &found->second.value;
    }
    // The value under the key, to be changed; V{} if there was none.
    V& put(const K& key) {
        auto found = entries_.lower_bound(key);
        if (found == entries_.end() || key < found->first) found = add(found, key);
        change(*found);
        touch(*found);
        return found->second.value;
    }
    V& put(const K& key, V value) { return put(key) = std::move(value); }
    // Whether there was one.
    bool erase(const K& key) {
        const auto found = entries_.find(key);
        if (found == entries_.end()) return false;
        remove(found);
        return true;
    }
    void clear() {
        while (!entries_.empty()) remove(entries_.begin());
    }
    // Calls visit(const K&, const V&) in the order of keys. Nothing is touched.
    template <class Visit> void for_each(Visit&& visit) const {
        for (const auto& [key, each] : entries_) visit(key, each.value);
    }
    [[nodiscard]] const K& first_key() const { return entries_.begin()->first; }
    [[nodiscard]] const K& last_key() const { return entries_.rbegin()->first; }

    // All of it, unless its entries are written one by one.
    void save(binary_writer& writer) const
        requires(storable<K> && storable<V>)
    {
        writer.write_count(apart_ ? 0 : entries_.size());
        if (!apart_) save_entries(writer);
    }
    void load(binary_reader& reader)
        requires(storable<K> && storable<V>)
    {
        clear();
        for (std::size_t count = reader.read_count(); count > 0; --count) load_entry(weir::load<K>(reader), reader);
    }
    [[nodiscard]] static std::string type_tag() {
        return "map_state<" + tag_if_known<K>() + "," + tag_if_known<V>() + ">";
    }

  private:
    friend struct detail::map_access;
    struct slot {
        V value{};
        timestamp until = time_highest;
        timestamp wakes = time_highest;  // of its place among ends_; none there
        bool changed = false;            // it stands in changed_
    };
    static constexpr std::size_t fewest_spare = 8;  // nodes that are kept for entries to come, or as many as there are
    using entries = std::map<K, slot>;
    using entry = typename entries::value_type;
    struct end {
        timestamp at;
        K key;
        friend bool operator<(const end& left, const end& right) { return right.at < left.at; }
    };

    typename entries::iterator add(typename entries::iterator behind, const K& key) {
        if (spare_.empty()) return entries_.emplace_hint(behind, key, slot{});
        auto node = std::move(spare_.back());
        spare_.pop_back();
        node.key() = key;
        node.mapped() = slot{};
        return entries_.insert(behind, std::move(node));
    }
    void remove(typename entries::iterator gone) {
        if (tracked_ && !gone->second.changed) changed_.push_back(gone->first);
        auto node = entries_.extract(gone);
        node.mapped().value = V{};
        if (spare_.size() < entries_.size() + fewest_spare) spare_.push_back(std::move(node));
    }
    void take(const map_state& other) {
        for (const auto& [key, each] : other.entries_) {
            entry& added = *add(entries_.lower_bound(key), key);
            added.second.value = each.value;
            change(added);
            touch(added);
        }
    }
    void change(entry& each) {
        if (!tracked_ || each.second.changed) return;
        each.second.changed = true;
        changed_.push_back(each.first);
    }
    void touch(entry& each) {
        if (ttl_ == duration::zero()) return;
        const timestamp until = saturating_add(now_, ttl_);
        if (each.second.wakes != time_highest && until <= each.second.until) return;
        each.second.until = until;
        change(each);
        wake(each);
    }
    void wake(entry& each) {
        if (ttl_ == duration::zero() || each.second.wakes != time_highest) return;
        each.second.wakes = each.second.until - one_tick;
        ends_.push_back({each.second.wakes, each.first});
        std::push_heap(ends_.begin(), ends_.end());
    }
    // Erases what lives until then at most. Whether there was any.
    bool end_through(timestamp now) {
        bool any = false;
        while (!ends_.empty() && ends_.front().at <= now) {
            std::pop_heap(ends_.begin(), ends_.end());
            const end next = std::move(ends_.back());
            ends_.pop_back();
            const auto found = entries_.find(next.key);
            if (found == entries_.end() || found->second.wakes != next.at) continue;
            if (found->second.until - one_tick <= now) {
                remove(found);
                any = true;
            } else {
                found->second.wakes = time_highest;
                wake(*found);
            }
        }
        return any;
    }
    static void save_slot(binary_writer& writer, const slot& each) {
        weir::save(writer, each.value);
        weir::save(writer, each.until);
    }
    void save_entries(binary_writer& writer) const {
        for (const auto& [key, each] : entries_) {
            weir::save(writer, key);
            save_slot(writer, each);
        }
    }
    void load_entry(const K& key, binary_reader& reader) {
        auto found = entries_.lower_bound(key);
        if (found == entries_.end() || key < found->first) found = add(found, key);
        weir::load(reader, found->second.value);
        weir::load(reader, found->second.until);
        if (ttl_ == duration::zero()) found->second.until = time_highest;
        wake(*found);
    }

    entries entries_;
    std::vector<typename entries::node_type> spare_;
    std::vector<end> ends_;    // a heap, with one place for each entry that ends; some of entries that have gone
    std::vector<K> changed_;   // keys of entries that changed, came or went since they were last written
    timestamp now_ = time_lowest;
    duration ttl_{};           // zero: for ever
    bool writes_only_ = false;
    bool tracked_ = false;
    bool apart_ = false;       // whoever has it writes its entries one by one
};

namespace detail {

// What process does with maps in its state, and nobody else.
struct map_access {
    // A call begins: touches are at this time.
    template <class Map> static void begin(Map& map, timestamp now, bool tracked) {
        map.now_ = now;
        map.tracked_ = tracked;
        map.apart_ = true;
    }
    template <class Map> [[nodiscard]] static timestamp next_end(const Map& map) {
        return map.ends_.empty() ? time_highest : map.ends_.front().at;
    }
    template <class Map> static bool end_through(Map& map, timestamp now) { return map.end_through(now); }
    // Of an entry that begins to be written: calls put(key, write_value) or erase(key) for what has changed, or put for
    // all there is, and forgets what has changed.
    template <class Map, class Put, class Erase>
    static void take_changes(Map& map, bool all, const Put& put, const Erase& erase) {
        const auto put_slot = [&](const auto& key, auto& each) {
            each.changed = false;
            put(key, [&each](binary_writer& writer) { Map::save_slot(writer, each); });
        };
        if (all) {
            for (auto& [key, each] : map.entries_) put_slot(key, each);
        } else {
            std::sort(map.changed_.begin(), map.changed_.end());
            const auto same = [](const auto& left, const auto& right) { return !(left < right); };
            map.changed_.erase(std::unique(map.changed_.begin(), map.changed_.end(), same), map.changed_.end());
            for (const auto& key : map.changed_) {
                const auto found = map.entries_.find(key);
                found == map.entries_.end() ? erase(key) : put_slot(key, found->second);
            }
        }
        map.changed_.clear();
    }
    // Calls erase(key) for whatever may have been written.
    template <class Map, class Erase> static void erase_all(const Map& map, const Erase& erase) {
        for (const auto& [key, each] : map.entries_) erase(key);
        for (const auto& key : map.changed_) erase(key);
    }
    template <class Map> static void save_all(const Map& map, binary_writer& writer) {
        writer.write_count(map.size());
        map.save_entries(writer);
    }
    template <class Map> static void load_all(Map& map, binary_reader& reader) {
        using key = typename Map::entries::key_type;
        for (std::size_t count = reader.read_count(); count > 0; --count) {
            map.load_entry(weir::load<key>(reader), reader);
        }
    }
    template <class Map> static void load_entry(Map& map, binary_reader& key, binary_reader& value) {
        map.load_entry(weir::load<typename Map::entries::key_type>(key), value);
    }
};

template <class T> inline constexpr bool is_map_state = false;
template <class K, class V> inline constexpr bool is_map_state<map_state<K, V>> = true;
template <class T> inline constexpr bool is_list_state = false;

template <class> struct maps_among;
template <template <class...> class List, class... Descriptor>
struct maps_among<List<Descriptor...>> {
    template <class State> static constexpr bool any =
        (false || ... ||
         (is_map_state<std::remove_cvref_t<decltype(std::declval<State&>().*Descriptor::pointer)>> ||
          is_list_state<std::remove_cvref_t<decltype(std::declval<State&>().*Descriptor::pointer)>>));
};

// Whether a state is a map, or a list, or has one for a field.
template <class State> [[nodiscard]] constexpr bool has_maps() {
    if constexpr (is_map_state<State> || is_list_state<State>) {
        return true;
    } else if constexpr (described<State>) {
        return maps_among<field_list<State>>::template any<State>;
    } else {
        return false;
    }
}
// Calls visit(map, id) for the maps of a state; the id follows from the field's name, wherever it stands.
template <class State, class Visit> void for_each_map(State& state, const Visit& visit) {
    const auto look = [&](std::string_view name, auto& field) {
        using type = std::remove_cvref_t<decltype(field)>;
        if constexpr (is_map_state<type>) {
            visit(field, stable_hash(name));
        } else if constexpr (is_list_state<type>) {
            visit(field.items(), stable_hash(name));
        }
    };
    if constexpr (is_map_state<std::remove_cv_t<State>> || is_list_state<std::remove_cv_t<State>>) {
        look("", state);
    } else if constexpr (has_maps<std::remove_cv_t<State>>()) {
        for_each_field(state, look);
    }
}

}  // namespace detail
}  // namespace weir

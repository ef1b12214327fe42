// SPDX-License-Identifier: Apache-2.0
// What top_k and bottom_k have in common: the k outermost values, alone or each with another value of its record.
#pragma once
#include <concepts>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/first_few.hpp>
#include <weir/aggregates/projection.hpp>
#include <weir/aggregates/ranking.hpp>
#include <weir/record/binary.hpp>
#include <weir/record/schema.hpp>
#include <weir/record/view_of_others.hpp>

namespace weir::detail {

template <class Key, bool Largest>
struct top_value {
    static_assert(!view_of_others<Key>,
                  "top_k and bottom_k keep values: return a std::string, not a view or a pointer");
    Key key{};

    static bool before(const top_value& left, const top_value& right) { return before(left.key, right.key); }
    static bool before(const Key& left, const top_value& right) { return before(left, right.key); }
    static bool before(const Key& left, const Key& right) {
        return Largest ? ordered_before(right, left) : ordered_before(left, right);
    }
    static std::string type_tag() { return tag_if_known<Key>(); }
    template <class Writer>
        requires storable<Key>
    void save(Writer& writer) const {
        weir::save(writer, key);
    }
    template <class Reader>
        requires storable<Key>
    void load(Reader& reader) {
        weir::load(reader, key);
    }
};

template <class Key, class Value, bool Largest>
struct top_record {
    static_assert(!view_of_others<Key> && !view_of_others<Value>,
                  "top_k and bottom_k keep values: return a std::string, not a view or a pointer");
    Key key{};
    Value value{};
    stamp at{};

    template <class Left>
    static bool before(const Left& left, const top_record& right) {
        return ranked_before<Largest>(left, right);
    }
    static std::string type_tag() { return "stamped<" + tag_if_known<Key>() + "," + tag_if_known<Value>() + ">"; }
    template <class Writer>
        requires(storable<Key> && storable<Value>)
    void save(Writer& writer) const {
        weir::save(writer, key);
        weir::save(writer, value);
        at.save(writer);
    }
    template <class Reader>
        requires(storable<Key> && storable<Value>)
    void load(Reader& reader) {
        weir::load(reader, key);
        weir::load(reader, value);
        at.load(reader);
    }
};

template <bool Largest>
[[nodiscard]] std::size_t checked_top(std::size_t k) {
    require_room(k, Largest ? "top_k(0, ...) keeps nothing: give it at least 1"
                            : "bottom_k(0, ...) keeps nothing: give it at least 1");
    return k;
}
template <bool Largest>
[[nodiscard]] std::string name_of_top(std::size_t k) {
    return (Largest ? "top_" : "bottom_") + std::to_string(k);
}

template <class P, bool Largest>
struct taking_top_values : projecting<P> {
    using value_type = typename projecting<P>::value_type;
    static_assert(std::totally_ordered<value_type>, "top_k and bottom_k need values that < orders totally");
    using state_type = first_few<top_value<value_type, Largest>>;
    static constexpr bool commutes = true;

    std::size_t most;

    [[nodiscard]] state_type create() const { return {}; }
    template <class Record>
        requires projects<P, Record>
    void add(state_type& state, const Record& record) const {
        const value_type& value = this->value_of(record);
        state.offer(value, most, [&] { return top_value<value_type, Largest>{value}; });
    }
    void merge(state_type& state, const state_type& other) const { state.merge(other, most); }
    [[nodiscard]] std::vector<value_type> result(const state_type& state) const {
        std::vector<value_type> values;
        values.reserve(state.items().size());
        for (const auto& each : state.items()) values.push_back(each.key);
        return values;
    }
    [[nodiscard]] std::string name() const { return this->named(name_of_top<Largest>(most)); }
    [[nodiscard]] std::string state_tag() const {
        return "top<" + std::to_string(most) + "," + state_type::type_tag() + ">";
    }
};

template <class By, class Of, bool Largest>
struct taking_top_records {
    using key_type = typename projecting<By>::value_type;
    using value_type = typename projecting<Of>::value_type;
    static_assert(std::totally_ordered<key_type>, "top_k and bottom_k need values that < orders totally");
    using item_type = top_record<key_type, value_type, Largest>;
    using state_type = first_few<item_type>;
    static constexpr bool commutes = true;

    projecting<By> by;
    projecting<Of> of;
    std::size_t most;

    [[nodiscard]] state_type create() const { return {}; }
    template <class Record>
        requires(projects<By, Record> && projects<Of, Record>)
    void add(state_type& state, const Record& record, const stamp& at) const {
        const key_type& key = by.value_of(record);
        state.offer(rank_of<key_type>{key, at}, most, [&] { return item_type{key, of.value_of(record), at}; });
    }
    void merge(state_type& state, const state_type& other) const { state.merge(other, most); }
    [[nodiscard]] std::vector<std::pair<key_type, value_type>> result(const state_type& state) const {
        std::vector<std::pair<key_type, value_type>> pairs;
        pairs.reserve(state.items().size());
        for (const auto& each : state.items()) pairs.emplace_back(each.key, each.value);
        return pairs;
    }
    [[nodiscard]] std::string name() const { return of.named(by.named(name_of_top<Largest>(most))); }
    [[nodiscard]] std::string state_tag() const {
        return "top<" + std::to_string(most) + "," + state_type::type_tag() + ">";
    }
};

}  // namespace weir::detail

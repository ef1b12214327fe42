// SPDX-License-Identifier: Apache-2.0
//   collect(&Payment::merchant, 100)         the merchants of the first 100 records by (time, turn), in that order
//   collect_last(&Payment::merchant, 100)    those of the last 100, in the same order
//
// Whatever order records came in: what lies beyond the bound is left out, the same in every run; count() beside it
// tells how many there were. Memory: as many values, each with its stamp; for collect_last up to twice as many. O(1)
// for records in order, otherwise O(log n) and up to n moves; a merge is O(n). Nothing can be taken back. A bound of 0
// is a configuration error.
#pragma once
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/first_few.hpp>
#include <weir/aggregates/last_few.hpp>
#include <weir/aggregates/projection.hpp>
#include <weir/aggregates/ranking.hpp>
#include <weir/record/schema.hpp>
#include <weir/record/view_of_others.hpp>

namespace weir {

namespace detail {
template <class Value>
struct collected_value {
    static_assert(!view_of_others<Value>, "collect keeps values: return a std::string, not a view or a pointer");
    Value value{};
    stamp at{};

    static bool before(const stamp& left, const collected_value& right) { return earlier(left, right.at); }
    static bool before(const collected_value& left, const collected_value& right) { return before(left.at, right); }
    static std::string type_tag() { return "stamped<" + tag_if_known<Value>() + ">"; }
    template <class Writer>
        requires storable<Value>
    void save(Writer& writer) const {
        weir::save(writer, value);
        at.save(writer);
    }
    template <class Reader>
        requires storable<Value>
    void load(Reader& reader) {
        weir::load(reader, value);
        at.load(reader);
    }
};

template <class P, bool Earliest>
struct collecting : projecting<P> {
    using value_type = typename projecting<P>::value_type;
    using item_type = collected_value<value_type>;
    using state_type = std::conditional_t<Earliest, first_few<item_type>, last_few<item_type>>;
    static constexpr bool commutes = true;

    std::size_t most;

    [[nodiscard]] state_type create() const { return {}; }
    template <class Record>
        requires projects<P, Record>
    void add(state_type& state, const Record& record, const stamp& at) const {
        state.offer(at, most, [&] { return item_type{this->value_of(record), at}; });
    }
    void merge(state_type& state, const state_type& other) const { state.merge(other, most); }
    [[nodiscard]] std::vector<value_type> result(const state_type& state) const {
        std::vector<value_type> values;
        values.reserve(state.items().size());
        for (const auto& each : state.items()) values.push_back(each.value);
        return values;
    }
    [[nodiscard]] std::string name() const { return this->named(Earliest ? "collect" : "collect_last"); }
    [[nodiscard]] std::string state_tag() const {
        return (Earliest ? "first<" : "last<") + std::to_string(most) + "," + state_type::type_tag() + ">";
    }
};

template <bool Earliest>
[[nodiscard]] std::size_t checked_collection(std::size_t most) {
    require_room(most, Earliest ? "collect(..., 0) keeps nothing: give it at least 1"
                                : "collect_last(..., 0) keeps nothing: give it at least 1");
    return most;
}
}  // namespace detail

template <class P>
[[nodiscard]] detail::collecting<P, true> collect(P value, std::size_t most) {
    return {{std::move(value)}, detail::checked_collection<true>(most)};
}
template <class P>
[[nodiscard]] detail::collecting<P, false> collect_last(P value, std::size_t most) {
    return {{std::move(value)}, detail::checked_collection<false>(most)};
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// What an aggregate is: an immutable value that says how many records become one result.
//
//   using state_type                     what is kept per key and window; storable if it is to be snapshotted
//   state_type create() const            the state of no records
//   void add(state, record) const        or add(state, record, stamp), if time and turn matter
//   void merge(state, state) const       the right state's records join the left one's
//   result result(state) const
//   std::string name() const             the column's name
//   void remove(state, record) const     optional: takes a record back, exactly
//   void unmerge(state, state) const     optional: takes a merged state back, exactly
//   static constexpr bool commutes       optional: true if neither order nor grouping of records can be seen in the
//                                        result; without it the aggregate is order-sensitive
//   std::string state_tag() const        optional: the state's tag in schemas, where it depends on more than its type
#pragma once
#include <concepts>
#include <string>
#include <type_traits>
#include <utility>

namespace weir {

struct stamp;

template <class A>
concept described_aggregate =
    std::copy_constructible<A> && requires(const A& aggregate, typename A::state_type& state) {
        { aggregate.create() } -> std::same_as<typename A::state_type>;
        aggregate.merge(state, std::as_const(state));
        aggregate.result(std::as_const(state));
        { aggregate.name() } -> std::convertible_to<std::string>;
    };

template <class A, class Record>
concept adds_record = requires(const A& aggregate, typename A::state_type& state, const Record& record) {
    aggregate.add(state, record);
};
// Time and turn decide: first, last. An aggregate that has both forms is used without.
template <class A, class Record>
concept adds_stamped =
    requires(const A& aggregate, typename A::state_type& state, const Record& record, const stamp& at) {
        aggregate.add(state, record, at);
    };
template <class A, class Record>
inline constexpr bool needs_stamp = !adds_record<A, Record> && adds_stamped<A, Record>;

template <class A, class Record>
concept aggregate_for = described_aggregate<A> && (adds_record<A, Record> || adds_stamped<A, Record>);

// Records can be taken back: windows may slide by adding what comes and removing what goes.
template <class A, class Record>
concept removable = aggregate_for<A, Record> &&
                    requires(const A& aggregate, typename A::state_type& state, const Record& record) {
                        aggregate.remove(state, record);
                    };
template <class A>
concept unmergeable = described_aggregate<A> && requires(const A& aggregate, typename A::state_type& state) {
    aggregate.unmerge(state, std::as_const(state));
};

template <class A>
inline constexpr bool commutes = [] {
    if constexpr (requires { A::commutes; }) return bool{A::commutes};
    return false;
}();

template <described_aggregate A>
using aggregate_result =
    std::remove_cvref_t<decltype(std::declval<const A&>().result(std::declval<const typename A::state_type&>()))>;

// Where an aggregate is asked for: the first line of the error says what it lacks.
template <class A, class Record>
constexpr void require_aggregate() {
    static_assert(described_aggregate<A>,
                  "an aggregate has a state_type, create(), add(state, record), merge(state, state), result(state) and "
                  "name(): see weir/aggregates/aggregate.hpp");
    static_assert(!described_aggregate<A> || aggregate_for<A, Record>,
                  "this aggregate does not take these records: its add(state, record) or its projection is for others");
}

namespace detail {
template <class A, class Record>
    requires aggregate_for<A, Record>
void add(const A& aggregate, typename A::state_type& state, const Record& record, const stamp& at) {
    if constexpr (needs_stamp<A, Record>) {
        aggregate.add(state, record, at);
    } else {
        aggregate.add(state, record);
    }
}
}  // namespace detail

}  // namespace weir

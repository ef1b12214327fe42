// SPDX-License-Identifier: Apache-2.0
// reduce(&Record::field, identity, op): any monoid of the user's. The values of the records, joined by op from the
// left, beginning with the identity:
//
//   reduce(&Login::country, std::string{}, [](const std::string& all, const std::string& one) { return all + one; })
//   commuting(reduce(&Reading::bits, 0U, [](unsigned all, unsigned next) { return all | next; }))
//
// `op(left, right)` must associate and leave its other operand as it is if one is the identity: records that were
// joined apart are merged by it. Its operands are of the identity's type, which a record's value must convert to; it
// returns that type, or takes the left one by reference and returns nothing. A reduction is order-sensitive, so records
// are joined by turn, unless the user says with commuting(...) that op(a, b) is op(b, a), and that to the bit: with
// doubles that is true of few operations, so think of sum, min and max first. State: one value of the identity's type;
// it must be storable if the run is to be snapshotted.
#pragma once
#include <concepts>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include <weir/aggregates/aggregate.hpp>
#include <weir/aggregates/projection.hpp>
#include <weir/record/view_of_others.hpp>

namespace weir {

namespace detail {

template <class Op, class Value>
concept joins_in_place = std::is_void_v<std::invoke_result_t<const Op&, Value&, const Value&>>;
template <class Op, class Value>
concept joins_to_value =
    std::convertible_to<std::invoke_result_t<const Op&, const Value&, const Value&>, Value>;
template <class Op, class Value>
concept joins = joins_in_place<Op, Value> || joins_to_value<Op, Value>;

template <class P, class Value, class Op, bool Commutes>
struct reducing : projecting<P> {
    static_assert(!view_of_others<Value>, "reduce keeps its value: begin with a std::string, not a view or a pointer");
    static_assert(std::convertible_to<typename projecting<P>::value_type, Value>,
                  "reduce needs an identity of a type that a record's value converts to");
    static_assert(joins<Op, Value>, "reduce needs op(left, right) of two values of the identity's type, which returns "
                                    "one, or changes the left one in place");
    using state_type = Value;
    static constexpr bool commutes = Commutes;

    Value identity;
    Op op;

    [[nodiscard]] state_type create() const { return identity; }
    template <class Record>
        requires projects<P, Record>
    void add(state_type& state, const Record& record) const {
        join(state, this->value_of(record));
    }
    void merge(state_type& state, const state_type& other) const { join(state, other); }
    [[nodiscard]] Value result(const state_type& state) const { return state; }
    [[nodiscard]] std::string name() const { return this->named("reduce"); }

  private:
    void join(Value& left, const Value& right) const {
        if constexpr (joins_in_place<Op, Value>) {
            std::invoke(op, left, right);
        } else {
            left = std::invoke(op, std::as_const(left), right);
        }
    }
};
}  // namespace detail

template <class P, class Value, class Op>
[[nodiscard]] detail::reducing<P, Value, Op, false> reduce(P project, Value identity, Op op) {
    return {{std::move(project)}, std::move(identity), std::move(op)};
}

// The user's word that neither order nor grouping of records can be seen in the result.
template <class P, class Value, class Op, bool Commutes>
[[nodiscard]] detail::reducing<P, Value, Op, true> commuting(detail::reducing<P, Value, Op, Commutes> reduction) {
    return {{std::move(reduction.project)}, std::move(reduction.identity), std::move(reduction.op)};
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// key_by(k): groups a stream by k(record): a member pointer, or a function. Integers, enums, strings, timestamps and
// described structs or tuples of them are keys. With several workers this is where records change workers.
#pragma once
#include <functional>

#include <weir/state/key.hpp>
#include <weir/flow/stream.hpp>
#include <weir/record/describe.hpp>
#include <weir/record/view_of_others.hpp>

namespace weir {

template <class Key>
struct key_by_operation : operation {
    Key key;

    template <class S> auto apply(S source) const {
        if constexpr (detail::is_keyed<S>) {
            return source.source() | *this;
        } else if constexpr (!plain_stream<S>) {
            static_assert(detail::unsupported<S>, "key_by takes a plain stream: put it before weir::window(...)");
            return rejected_stream{};
        } else if constexpr (!std::invocable<const Key&, const typename S::value_type&>) {
            static_assert(detail::unsupported<S>,
                          "key_by needs a member pointer of the record, or a function of const Record&");
            return rejected_stream{};
        } else if constexpr (detail::view_of_others<std::remove_cvref_t<
                                 std::invoke_result_t<const Key&, const typename S::value_type&>>>) {
            static_assert(detail::unsupported<S>, "a key is kept: return a std::string, not a view or a pointer");
            return rejected_stream{};
        } else if constexpr (!stably_hashable<std::remove_cvref_t<
                                 std::invoke_result_t<const Key&, const typename S::value_type&>>>) {
            static_assert(detail::unsupported<S>,
                          "this key has no stable hash: key by integers, strings, enums, timestamps or a described "
                          "struct of them (floating point is no key)");
            return rejected_stream{};
        } else {
            auto function = [projection = key](const typename S::value_type& record) -> decltype(auto) {
                return std::invoke(projection, record);
            };
            return keyed_stream<S, decltype(function)>{std::move(source), std::move(function), name()};
        }
    }

  private:
    [[nodiscard]] std::string name() const {
        if constexpr (std::is_member_object_pointer_v<Key>) {
            return field_of(key);
        } else {
            return "key";
        }
    }
    template <class Record, class Value> static std::string field_of(Value Record::*member) {
        if constexpr (described<Record>) {
            if (const std::string_view field = field_name(member); !field.empty()) return std::string{field};
        }
        return "key";
    }
};

template <class Key> [[nodiscard]] auto key_by(Key key) { return key_by_operation<Key>{{}, std::move(key)}; }

}  // namespace weir

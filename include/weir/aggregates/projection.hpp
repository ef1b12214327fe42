// SPDX-License-Identifier: Apache-2.0
// What an aggregate looks at: a member of the record, or a function of it that names the record's type.
#pragma once
#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

#include <weir/record/describe.hpp>
#include <weir/record/kind.hpp>

namespace weir {

namespace detail {

template <class P>
struct projected_by {};  // generic lambdas and overloaded functions end here
template <class P>
    requires requires { &P::operator(); }
struct projected_by<P> : projected_by<decltype(&P::operator())> {};

template <class Record, class Value>
    requires std::is_object_v<Value>
struct projected_by<Value Record::*> {
    using type = std::remove_cv_t<Value>;
};
template <class Value, class Record>
struct projected_by<Value (*)(Record)> {
    using type = std::remove_cvref_t<Value>;
};
template <class Value, class Record>
struct projected_by<Value (*)(Record) noexcept> : projected_by<Value (*)(Record)> {};
template <class Value, class Function, class... Record>
struct projected_by<Value (Function::*)(Record...) const> {
    using type = std::remove_cvref_t<Value>;
};
template <class Value, class Function, class... Record>
struct projected_by<Value (Function::*)(Record...) const noexcept> {
    using type = std::remove_cvref_t<Value>;
};

}  // namespace detail

template <class P>
concept projection = std::copy_constructible<P> && requires { typename detail::projected_by<P>::type; };

namespace detail {

// What the aggregates over one value of a record have in common.
template <class P>
struct projecting {
    static_assert(projection<P>, "an aggregate takes a member, such as &Transaction::amount, or a function that names "
                                 "its record: [](const Transaction& t) { ... }");
    using value_type = typename projected_by<P>::type;

    [[no_unique_address]] P project;

    template <class Record>
    [[nodiscard]] decltype(auto) value_of(const Record& record) const {
        return std::invoke(project, record);
    }
    // "sum_amount" for sum(&Transaction::amount) of a described struct, else "sum".
    [[nodiscard]] std::string named(std::string_view aggregate) const {
        std::string name{aggregate};
        if constexpr (std::is_member_object_pointer_v<P>) {
            if (const std::string_view field = field_of(project); !field.empty()) name.append("_").append(field);
        }
        return name;
    }

  private:
    template <class Record, class Value>
    static std::string_view field_of(Value Record::*member) {
        if constexpr (described<Record>) {
            return field_name(member);
        } else {
            return {};
        }
    }
};

template <class P, class Record>
concept projects = std::is_invocable_v<const P&, const Record&>;

}  // namespace detail
}  // namespace weir

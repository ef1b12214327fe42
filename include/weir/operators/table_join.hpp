// SPDX-License-Identifier: Apache-2.0
// table_join(left, right, keep_for(30 days)): joins two tables. Each side's records are the rows of a table: the last
// one of a key, by turn, counts. Each change of one side gives the joined row anew, which replaces the one before.
//
//   table_join(users | key_by(&user::id), plans | key_by(&plan::user), keep_for(24h))
//   table_join(..., unbounded, join::left_outer)       rows are kept for ever, by name; also users without a plan
//   table_join(..., keep_for(24h), deletes_left(&user::is_gone), deletes_right(&plan::details))
//
//   inner        joined<Left, Right>                    left_outer   joined<Left, std::optional<Right>>
//   right_outer  joined<std::optional<Left>, Right>     full_outer   joined of two optionals
//
// deletes_left(fn), deletes_right(fn): a record of which fn is true, or an optional without value, takes the row of its
// key away. With any of them results are table_row<Key, joined<...>>: the key, and its joined row, or none if it had
// one and has it no more. A delete of what is not there says nothing.
//
// A result has the turn and the watermark of the change, and the larger time of the rows that are in it. Rows are
// applied in turn, whatever their times; a record with time < its watermark is late: late_left(results),
// late_right(results).
//
// The bound of what is kept: a row is seen by changes up to its time + retention, and goes when the watermark has
// passed that, or with the end of all input. Nothing is said then: it is forgotten, not deleted. O(1) per record.
#pragma once
#include <concepts>
#include <type_traits>
#include <utility>

#include <weir/operators/keyed_pair.hpp>
#include <weir/operators/table_join_stage.hpp>

namespace weir {

template <class Function>
struct left_deletes {
    detail::deletes_by<Function> by;
};
template <class Function>
struct right_deletes {
    detail::deletes_by<Function> by;
};
template <class Function> [[nodiscard]] left_deletes<Function> deletes_left(Function function) {
    return {{std::move(function)}};
}
template <class Function> [[nodiscard]] right_deletes<Function> deletes_right(Function function) {
    return {{std::move(function)}};
}

namespace detail {

template <class> inline constexpr bool is_left_deletes = false;
template <class Function> inline constexpr bool is_left_deletes<left_deletes<Function>> = true;
template <class> inline constexpr bool is_right_deletes = false;
template <class Function> inline constexpr bool is_right_deletes<right_deletes<Function>> = true;
template <class T>
inline constexpr bool is_retention = std::same_as<T, keep_for> || std::same_as<T, unbounded_retention>;
template <class T>
inline constexpr bool is_table_option = is_join_kind<T> || is_left_deletes<T> || is_right_deletes<T>;

[[nodiscard]] inline no_deletes left_deletes_of() { return {}; }
template <class First, class... Rest> [[nodiscard]] auto left_deletes_of(const First& first, const Rest&... rest) {
    if constexpr (is_left_deletes<First>) {
        return first.by;
    } else {
        return left_deletes_of(rest...);
    }
}
[[nodiscard]] inline no_deletes right_deletes_of() { return {}; }
template <class First, class... Rest> [[nodiscard]] auto right_deletes_of(const First& first, const Rest&... rest) {
    if constexpr (is_right_deletes<First>) {
        return first.by;
    } else {
        return right_deletes_of(rest...);
    }
}
[[nodiscard]] inline join_kind<false, false> kind_of_join() { return {}; }
template <class First, class... Rest> [[nodiscard]] auto kind_of_join(const First& first, const Rest&... rest) {
    if constexpr (is_join_kind<First>) {
        return first;
    } else {
        return kind_of_join(rest...);
    }
}

template <class By, class Record>
concept says_deletes = std::same_as<By, no_deletes> || requires(const By& by, const Record& record) {
    requires std::same_as<std::remove_cvref_t<decltype(std::invoke(by.function, record))>, bool> ||
                 requires { { std::invoke(by.function, record).has_value() } -> std::convertible_to<bool>; };
};

template <class Left, class Right, class Retention, class... Options>
[[nodiscard]] auto join_tables(Left left, Right right, Retention kept, const Options&... options) {
    using left_record = typename Left::value_type;
    using right_record = typename Right::value_type;
    using kind = decltype(kind_of_join(options...));
    using left_by = decltype(left_deletes_of(options...));
    using right_by = decltype(right_deletes_of(options...));
    if constexpr (!says_deletes<left_by, left_record> || !says_deletes<right_by, right_record>) {
        static_assert(unsupported<Left>,
                      "deletes_left and deletes_right need a function of their side's record that returns bool, or an "
                      "optional that is empty for a delete");
        return rejected_stream{};
    } else {
        using description = table_join_description<kind, left_by, right_by>;
        using running = table_join_stage<left_record, right_record, typename Left::key_function,
                                         typename Right::key_function, kind, description>;
        description made{duration::max(), true, {left_deletes_of(options...), right_deletes_of(options...)}};
        if constexpr (std::same_as<Retention, keep_for>) {
            if (kept.retention <= duration::zero()) {
                throw error(error_kind::configuration, "table_join: rows are kept for a time above zero");
            }
            made.retention = kept.retention;
            made.unbounded = false;
        }
        using port =
            stream_port<typename running::result_type, in_turn, timing::event, late_sides<left_record, right_record>>;
        return stream<port>{std::make_shared<keyed_pair_node<Left, Right, running, description>>(
                                "table_join", std::string{}, std::move(left), std::move(right), std::move(made)),
                            0};
    }
}

}  // namespace detail

// Throws weir::error of kind configuration if the retention is not above zero.
template <class Left, class Right, class Retention, class... Options>
[[nodiscard]] auto table_join(Left left, Right right, Retention kept, Options... options) {
    if constexpr (!detail::is_keyed<Left> || !detail::is_keyed<Right>) {
        static_assert(detail::unsupported<Left>,
                      "table_join takes two keyed streams: put weir::key_by(...) behind each");
        return rejected_stream{};
    } else if constexpr (Left::time != timing::event || Right::time != timing::event) {
        static_assert(detail::unsupported<Left>,
                      "table_join needs event time on both sides: put weir::event_time(&Record::at, "
                      "weir::out_of_order(5s)) behind each source");
        return rejected_stream{};
    } else if constexpr (!std::is_same_v<typename Left::key_type, typename Right::key_type>) {
        static_assert(detail::unsupported<Left>, "table_join needs keys of one type on both sides");
        return rejected_stream{};
    } else if constexpr (!detail::kept_by_joins<typename Left::value_type> ||
                         !detail::kept_by_joins<typename Right::value_type>) {
        static_assert(detail::unsupported<Left>,
                      "table_join keeps records, and may give one several times: they need a default constructor and "
                      "copies");
        return rejected_stream{};
    } else if constexpr (!detail::is_retention<Retention>) {
        static_assert(detail::unsupported<Left>,
                      "table_join needs a bound behind its streams: weir::keep_for(24h), or weir::unbounded if rows "
                      "are kept for ever");
        return rejected_stream{};
    } else if constexpr (!(detail::is_table_option<Options> && ...)) {
        static_assert(detail::unsupported<Left>,
                      "table_join takes one of weir::join::..., weir::deletes_left(fn) and weir::deletes_right(fn) "
                      "behind its bound, nothing else");
        return rejected_stream{};
    } else {
        return detail::join_tables(std::move(left), std::move(right), kept, options...);
    }
}

}  // namespace weir

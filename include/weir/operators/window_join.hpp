// SPDX-License-Identifier: Apache-2.0
// window_join(left, right, tumbling(10min)): pairs the records of two keyed streams that have one key and lie in one
// window, each with each, when the watermark has reached the window's end. Windows are tumbling, sliding (a pair comes
// once for every window that holds both) or sessions, which are those of both streams' records together.
//
//   window_join(orders | key_by(&order::user), clicks | key_by(&click::user), tumbling(10min))
//   window_join(..., sliding(10min, 1min), join::left_outer)   also each order of a window without clicks
//   window_join(..., tumbling(10min), allowed_lateness(30s))   a late record is paired at once
//   window_join(..., session(30min), allowed_lateness(1h), emit::final)   once, at end + lateness
//
//   inner        joined<Left, Right>                    left_outer   joined<Left, std::optional<Right>>
//   right_outer  joined<std::optional<Left>, Right>     full_outer   joined of two optionals
//
// Results have the time, and the watermark, end - one tick (with emit::final: end + lateness - one tick), those of one
// key and window in the order (left turn, right turn). With allowed lateness each late record that a window accepts is
// paired at once with what the window holds; what had been said to have no partner stays said. Sessions with allowed
// lateness need emit::final. Lateness is that of windows (window.hpp); what every window refuses goes to
// late_left(results) or late_right(results). Records are taken in turn.
//
// The bound of what is kept is the window: each record once, until the watermark has reached the end, and lateness, of
// the last window that holds it. O(log kept of the key) per record; O(n log n + pairs) per window of n records.
#pragma once
#include <optional>
#include <string>
#include <type_traits>

#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/paired_windows_node.hpp>

namespace weir {
namespace detail {

template <class Left, class Right, class Kind>
struct window_pairing {
    using result_type = joined<std::conditional_t<Kind::keeps_right, std::optional<Left>, Left>,
                               std::conditional_t<Kind::keeps_left, std::optional<Right>, Right>>;
    using left_result = decltype(result_type::left);
    using right_result = decltype(result_type::right);
    static constexpr const char* kind = "window_join";
    static constexpr bool adds = true;  // a result does not replace those before

    [[nodiscard]] static std::string text() { return Kind::text; }

    template <class Emit, class Key, class Lefts, class Rights>
    void say(const Emit& emit, const Key&, const paired_window&, const Lefts& left, const Rights& right) const {
        for (const auto* each : left) {
            for (const auto* other : right) {
                emit(result_type{left_result{each->record}, right_result{other->record}});
            }
            if constexpr (Kind::keeps_left) {
                if (right.empty()) emit(result_type{left_result{each->record}, {}});
            }
        }
        if constexpr (Kind::keeps_right) {
            if (!left.empty()) return;
            for (const auto* other : right) emit(result_type{{}, right_result{other->record}});
        }
    }
    template <std::size_t Input, class Emit, class Key, class Record, class Lefts, class Rights>
    void update(const Emit& emit, const Key&, const paired_window&, const Record& record, const Lefts& left,
                const Rights& right) const {
        if constexpr (Input == 0) {
            for (const auto* other : right) emit(result_type{left_result{record}, right_result{other->record}});
            if constexpr (Kind::keeps_left) {
                if (right.empty()) emit(result_type{left_result{record}, {}});
            }
        } else {
            for (const auto* other : left) emit(result_type{left_result{other->record}, right_result{record}});
            if constexpr (Kind::keeps_right) {
                if (left.empty()) emit(result_type{{}, right_result{record}});
            }
        }
    }
};

}  // namespace detail

// Throws weir::error of kind configuration for sizes that make no sense, sessions with allowed lateness that are not
// emit::final, and other ways to speak than emit::on_time and emit::final.
template <class Left, class Right, class Windows, bool KeepsLeft, bool KeepsRight, class... Options>
[[nodiscard]] auto window_join(Left left, Right right, Windows windows, join_kind<KeepsLeft, KeepsRight>,
                               Options... options) {
    if constexpr (!detail::may_be_paired<Left, Right, Windows, Options...>()) {
        return rejected_stream{};
    } else {
        using speaker = detail::window_pairing<typename Left::value_type, typename Right::value_type,
                                               join_kind<KeepsLeft, KeepsRight>>;
        return detail::pair_in_windows(std::move(left), std::move(right), std::move(windows), speaker{}, options...);
    }
}
template <class Left, class Right, class Windows, class... Options>
[[nodiscard]] auto window_join(Left left, Right right, Windows windows, Options... options) {
    return window_join(std::move(left), std::move(right), std::move(windows), join::inner, options...);
}

}  // namespace weir

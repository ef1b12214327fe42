// SPDX-License-Identifier: Apache-2.0
// What window_join and cogroup ask of their streams, windows and options, and the stream they make.
#pragma once
#include <concepts>
#include <string>
#include <utility>

#include <weir/operators/keyed_pair.hpp>
#include <weir/operators/paired_windows_stage.hpp>
#include <weir/operators/window.hpp>

namespace weir::detail {

template <class T> inline constexpr bool pair_window_option = std::same_as<T, allowed_lateness> ||
                                                              std::same_as<T, emission>;
template <class Windows> inline constexpr bool windows_that_end = false;
template <own_windows Windows> inline constexpr bool windows_that_end<Windows> = !Windows::endless;
template <> inline constexpr bool windows_that_end<window_grid> = true;

template <class Windows> [[nodiscard]] Windows one_by_one(Windows windows) { return windows; }
[[nodiscard]] inline grid_windows one_by_one(window_grid grid) { return {std::move(grid)}; }

template <class Left, class Right, class Windows, class Speaker, class... Options>
[[nodiscard]] auto pair_in_windows(Left left, Right right, Windows windows, Speaker speaker,
                                   const Options&... options) {
    using left_record = typename Left::value_type;
    using right_record = typename Right::value_type;
    using kept_windows = decltype(one_by_one(std::move(windows)));
    using running = paired_windows_stage<left_record, right_record, typename Left::key_function,
                                         typename Right::key_function, kept_windows, Speaker>;
    using description = typename running::description_type;
    description made{one_by_one(std::move(windows)), std::move(speaker)};
    [[maybe_unused]] const auto set = [&]<class Option>(const Option& option) {
        if constexpr (std::same_as<Option, allowed_lateness>) made.lateness = option.by;
        if constexpr (std::same_as<Option, emission>) made.says = option;
    };
    (set(options), ...);
    made.check();
    using port =
        stream_port<typename running::result_type, in_turn, timing::event, late_sides<left_record, right_record>>;
    return stream<port>{std::make_shared<keyed_pair_node<Left, Right, running, description>>(
                            Speaker::kind, std::string{}, std::move(left), std::move(right), std::move(made)),
                        0};
}

// Whether the streams and windows may be paired; says what to do if not.
template <class Left, class Right, class Windows, class... Options>
[[nodiscard]] constexpr bool may_be_paired() {
    if constexpr (!is_keyed<Left> || !is_keyed<Right>) {
        static_assert(unsupported<Left>,
                      "window_join and cogroup take two keyed streams: put weir::key_by(...) behind each");
        return false;
    } else if constexpr (Left::time != timing::event || Right::time != timing::event) {
        static_assert(unsupported<Left>,
                      "window_join and cogroup need event time on both sides: put weir::event_time(&Record::at, "
                      "weir::out_of_order(5s)) behind each source");
        return false;
    } else if constexpr (!std::is_same_v<typename Left::key_type, typename Right::key_type>) {
        static_assert(unsupported<Left>, "window_join and cogroup need keys of one type on both sides");
        return false;
    } else if constexpr (!kept_by_joins<typename Left::value_type> || !kept_by_joins<typename Right::value_type>) {
        static_assert(unsupported<Left>,
                      "window_join and cogroup keep records, and may give one several times: they need a default "
                      "constructor and copies");
        return false;
    } else if constexpr (!windows_that_end<Windows>) {
        static_assert(unsupported<Windows>,
                      "window_join and cogroup need windows that end: weir::tumbling(...), weir::sliding(...) or "
                      "weir::session(...)");
        return false;
    } else if constexpr (!(pair_window_option<Options> && ...)) {
        static_assert(unsupported<Windows>,
                      "window_join and cogroup take weir::allowed_lateness(...) and weir::emit::final behind their "
                      "windows, nothing else");
        return false;
    } else if constexpr (!decltype(one_by_one(std::declval<Windows>()))::template takes<typename Left::value_type> ||
                         !decltype(one_by_one(std::declval<Windows>()))::template takes<typename Right::value_type>) {
        static_assert(unsupported<Windows>,
                      "window_join and cogroup ask records of both sides for their session's gap: "
                      "weir::session(fn) needs a function that takes either");
        return false;
    } else {
        return true;
    }
}

}  // namespace weir::detail

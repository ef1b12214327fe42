// SPDX-License-Identifier: Apache-2.0
// window(tumbling(10min)), window(sliding(10min, 1min), allowed_lateness(30s)), window(session(30min), emit::final),
// window(daily("Europe/Berlin")), window(counting(100)): assigns the records of a keyed stream to windows; an aggregate
// follows. rolling(5min, 1h) does it per record.
//
// A window [s, e) is emitted once, when the watermark has reached its end. It refuses a record if
// e + allowed lateness <= the record's watermark; a record that every window refuses is late. With allowed lateness
// each late record that a window accepts is followed at once by the window's updated result. That is emit::on_time;
// others are in windows/emission.hpp. Behind the windows, in any order: allowed_lateness(...), one of emit::...,
// `discarding`, one of evict::... (windows/evict.hpp).
//
// A session is joined with those of its key that are still there (end + lateness > the record's watermark) before it
// judges, so a record that alone would be too late may be part of one that is not.
//
// Windows of windows: results may be keyed and windowed again. A result that is said when the watermark reaches its
// window's end e has the time e - one tick, and that is its watermark, too: it is never late for a window that follows,
// and a window of windows holds those whose last tick lies in it. A session over results joins two only if their ends
// are less than its gap apart: tumbling(5min) windows that follow each other need a gap above 5min.
// collect(&Row::end, 100) among the aggregates tells the windows of which a result is made. An update of a late record
// (allowed lateness), and each result of an emission that speaks more than once, is one more record to the windows that
// follow: they count it beside the one that it replaces. emit::final speaks once; with allowed lateness its result has
// the time e + lateness - one tick, and belongs to the window of windows that holds that time.
//
// The n best rows of each window: aggregate(top_k(n, &Bid::price, &Bid::bidder)), the largest first, ties by
// (time, turn); flat_map behind it makes a row per rank. Over all keys: key by a constant.
#pragma once
#include <concepts>
#include <utility>

#include <weir/flow/stream.hpp>
#include <weir/windows/calendar.hpp>
#include <weir/windows/counting.hpp>
#include <weir/windows/emission.hpp>
#include <weir/windows/evict.hpp>
#include <weir/windows/global.hpp>
#include <weir/windows/grid.hpp>
#include <weir/windows/grid_windows.hpp>
#include <weir/windows/open_windowing.hpp>
#include <weir/windows/rolling_lengths.hpp>
#include <weir/windows/session.hpp>
#include <weir/windows/sliding.hpp>
#include <weir/windows/tumbling.hpp>

namespace weir {

struct allowed_lateness {
    duration by;
    explicit constexpr allowed_lateness(duration late_by) : by(late_by) {}
};

template <class Window>
struct window_operation : operation {
    Window window;

    template <class S> auto apply(S source) const {
        if constexpr (!detail::is_keyed<S>) {
            static_assert(detail::unsupported<S>, "window needs a key: put weir::key_by(...) before it");
            return rejected_stream{};
        } else if constexpr (S::time != timing::event) {
            static_assert(detail::unsupported<S>,
                          "window needs event time: put weir::event_time(&Record::at, weir::out_of_order(5s)) behind "
                          "the source");
            return rejected_stream{};
        } else {
            return windowed_stream<S, Window>{std::move(source), window};
        }
    }
};

// Throws weir::error of kind configuration for sizes that make no sense.
[[nodiscard]] inline auto window(window_grid grid, allowed_lateness late = allowed_lateness{duration::zero()}) {
    grid.lateness = late.by;
    grid.check();
    return window_operation<window_grid>{{}, std::move(grid)};
}

namespace detail {
template <class T> concept window_option = std::same_as<T, allowed_lateness> || std::same_as<T, emission> ||
                                           std::same_as<T, accumulation> || is_evictor<T>;
template <class Windows> concept own_windows = requires { { Windows::joins } -> std::convertible_to<bool>; };

// The evictor among options, or none.
[[nodiscard]] inline no_evictor evictor_of() { return {}; }
template <class First, class... Rest> [[nodiscard]] auto evictor_of(const First& first, const Rest&... rest) {
    if constexpr (is_evictor<First>) {
        return first;
    } else {
        return evictor_of(rest...);
    }
}
template <class Windows, class... Options>
[[nodiscard]] auto window_one_by_one(Windows windows, const Options&... options) {
    auto evicts = evictor_of(options...);
    open_windowing<Windows, decltype(evicts)> made{std::move(windows), {}, {}, accumulating, std::move(evicts)};
    [[maybe_unused]] const auto set = [&]<class Option>(const Option& option) {
        if constexpr (std::same_as<Option, allowed_lateness>) made.lateness = option.by;
        if constexpr (std::same_as<Option, emission>) made.says = option;
        if constexpr (std::same_as<Option, accumulation>) made.keeps = option;
    };
    (set(options), ...);
    made.check();
    return window_operation<decltype(made)>{{}, std::move(made)};
}
}  // namespace detail

template <detail::own_windows Windows, detail::window_option... Options>
[[nodiscard]] auto window(Windows windows, Options... options) {
    return detail::window_one_by_one(std::move(windows), options...);
}
// Such windows are kept one by one, not in panes: a record costs a step for each window that holds it.
template <detail::window_option... Options>
    requires(!std::same_as<Options, allowed_lateness> || ...)
[[nodiscard]] auto window(window_grid grid, Options... options) {
    grid.check();
    return detail::window_one_by_one(grid_windows{std::move(grid)}, options...);
}

// Windows that know how they speak: counting(n), counting(size, slide).
template <class Evictor>
[[nodiscard]] auto window(open_windowing<global_windows, Evictor> windowing) {
    windowing.check();
    return window_operation<open_windowing<global_windows, Evictor>>{{}, std::move(windowing)};
}

// rolling(5min, 1h, 24h) | aggregate(...): for every record the aggregates over the records of its key taken up to and
// with this one whose time lies in (t - length, t], one result per length. Records with time < watermark are late and
// refused; an emitted row is never revised. All lengths share one buffer.
template <class... Durations>
    requires(sizeof...(Durations) > 0 && (std::convertible_to<Durations, duration> && ...))
[[nodiscard]] auto rolling(Durations... lengths) {
    using window = rolling_lengths<sizeof...(Durations)>;
    const window made{{duration{lengths}...}};
    made.check();
    return window_operation<window>{{}, made};
}

}  // namespace weir

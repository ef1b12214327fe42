// SPDX-License-Identifier: Apache-2.0
// cogroup(left, right, tumbling(10min), fn): what two keyed streams have of one key in one window, both sides at once,
// when the watermark has reached the window's end. fn(key, window, span of left, span of right) returns the result, or
// an optional of it; either span may be empty, not both. The records of a span are in turn, and valid during the call.
//
//   cogroup(orders | key_by(&order::user), clicks | key_by(&click::user), tumbling(10min),
//           [](std::uint64_t user, const window_bounds& window, std::span<const order> bought,
//              std::span<const click> clicked) { return summary{user, window.end, bought.size(), clicked.size()}; })
//
// Windows, allowed lateness, emit::final, stamps, late sides and bounds are those of window_join; a late record that a
// window accepts is followed at once by fn's result over all that the window holds, which replaces the one before.
// fn must be pure. O(log kept of the key) per record; O(n log n) and n copies per result of n records.
#pragma once
#include <concepts>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <weir/operators/paired_windows_node.hpp>

namespace weir {

// A window [start, end).
struct window_bounds {
    timestamp start{};
    timestamp end{};
    friend bool operator==(const window_bounds&, const window_bounds&) = default;
};

namespace detail {

template <class Function, class Key, class Left, class Right>
concept cogroup_function = std::invocable<const Function&, const Key&, const window_bounds&, std::span<const Left>,
                                          std::span<const Right>>;

template <class Function, class Key, class Left, class Right>
struct cogrouping {
    using returned = std::remove_cvref_t<std::invoke_result_t<const Function&, const Key&, const window_bounds&,
                                                              std::span<const Left>, std::span<const Right>>>;
    using result_type = typename emitted<returned>::type;
    static constexpr const char* kind = "cogroup";
    static constexpr bool adds = false;

    Function function;
    // Memory that is used again.
    std::vector<Left> left_records{};
    std::vector<Right> right_records{};

    [[nodiscard]] static std::string text() { return {}; }

    template <class Emit, class Lefts, class Rights>
    void say(const Emit& emit, const Key& key, const paired_window& window, const Lefts& left, const Rights& right) {
        left_records.clear();
        right_records.clear();
        for (const auto* each : left) left_records.push_back(each->record);
        for (const auto* each : right) right_records.push_back(each->record);
        returned result = std::invoke(function, key, window_bounds{window.start, window.end},
                                      std::span<const Left>(left_records), std::span<const Right>(right_records));
        if constexpr (std::is_same_v<returned, result_type>) {
            emit(std::move(result));
        } else {
            if (result) emit(*std::move(result));
        }
    }
    template <std::size_t, class Emit, class Record, class Lefts, class Rights>
    void update(const Emit& emit, const Key& key, const paired_window& window, const Record&, const Lefts& left,
                const Rights& right) {
        say(emit, key, window, left, right);
    }
};

}  // namespace detail

// Throws what window_join throws, but for sessions with allowed lateness, which it takes.
template <class Left, class Right, class Windows, class Function, class... Options>
[[nodiscard]] auto cogroup(Left left, Right right, Windows windows, Function function, Options... options) {
    if constexpr (!detail::may_be_paired<Left, Right, Windows, Options...>()) {
        return rejected_stream{};
    } else {
        using key = typename Left::key_type;
        using left_record = typename Left::value_type;
        using right_record = typename Right::value_type;
        if constexpr (!detail::cogroup_function<Function, key, left_record, right_record>) {
            static_assert(detail::unsupported<Left>,
                          "cogroup needs a function fn(const Key&, const window_bounds&, std::span<const Left>, "
                          "std::span<const Right>)");
            return rejected_stream{};
        } else {
            using speaker = detail::cogrouping<Function, key, left_record, right_record>;
            if constexpr (std::is_void_v<typename speaker::returned>) {
                static_assert(detail::unsupported<Left>,
                              "cogroup needs a function that returns its result, or an optional of it");
                return rejected_stream{};
            } else {
                return detail::pair_in_windows(std::move(left), std::move(right), std::move(windows),
                                               speaker{std::move(function)}, options...);
            }
        }
    }
}

}  // namespace weir

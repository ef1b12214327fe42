// SPDX-License-Identifier: Apache-2.0
// flat_map(f): f(record), or f(record, stamp), returns a range whose elements go on one by one; each appends its index
// to the turn and to the origin of its record. An empty range counts as filtered. Pure, as map. Elements of a container
// that f makes are moved on, those of a view (std::span) or of a range returned by reference are copied.
#pragma once
#include <iterator>

#include <weir/operators/map.hpp>
#include <weir/record/view_of_others.hpp>

namespace weir {
namespace detail {

template <class Function>
struct flat_map_step {
    static constexpr bool expands = true;
    static constexpr bool filters = true;
    static constexpr const char* label = "flat_map";
    template <class T>
    using result_type = std::remove_cvref_t<decltype(*std::begin(std::declval<step_value<Function, T>&>()))>;

    Function function;

    template <class Record, class Pass, class Emit>
    void operator()(Record&& record, const stamp_view& at, Pass& pass, std::uint32_t* path, Emit&& emit) const {
        using returned = decltype(invoke_step(function, std::forward<Record>(record), at));
        constexpr bool owned = !std::is_reference_v<returned> && !view_of_others<std::remove_cv_t<returned>>;
        auto&& range = invoke_step(function, std::forward<Record>(record), at);
        std::uint32_t index = 0;
        for (auto&& element : range) {
            *path = index++;
            if constexpr (owned || !std::is_lvalue_reference_v<decltype(*std::begin(range))>) {
                emit(std::move(element));
            } else {
                emit(std::as_const(element));
            }
        }
        if (index > 0) pass.expanded += index - 1;
    }
};

template <class Range>
concept iterable = requires(Range& range) {
    std::begin(range);
    std::end(range);
};

}  // namespace detail

template <class Function>
struct flat_map_operation : operation {
    Function function;

    template <class S> auto apply(S source) const {
        if constexpr (!plain_stream<S>) {
            static_assert(detail::unsupported<S>,
                          "flat_map takes a plain stream: put it before weir::key_by(...), or after the aggregate");
            return rejected_stream{};
        } else if constexpr (!detail::step_function<Function, typename S::value_type>) {
            static_assert(detail::unsupported<S>,
                          "flat_map needs a function that can be called with the record (or record and stamp)");
            return rejected_stream{};
        } else if constexpr (!detail::iterable<detail::step_value<Function, typename S::value_type>>) {
            static_assert(detail::unsupported<S>,
                          "flat_map needs a function that returns a range, such as std::vector");
            return rejected_stream{};
        } else {
            return detail::with_step(std::move(source), detail::flat_map_step<Function>{function}, false);
        }
    }
};

template <class Function> [[nodiscard]] auto flat_map(Function function) {
    return flat_map_operation<Function>{{}, std::move(function)};
}

}  // namespace weir

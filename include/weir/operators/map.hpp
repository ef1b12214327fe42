// SPDX-License-Identifier: Apache-2.0
// map(f): one record becomes f(record), or f(record, stamp). Pure: f is copied with the stream, is called as const, and
// must not depend on anything but its arguments. A rvalue parameter lets f take the record apart.
#pragma once
#include <functional>

#include <weir/flow/stream.hpp>

namespace weir {
namespace detail {

template <class Function>
struct map_step {
    static constexpr bool expands = false;
    static constexpr bool filters = false;
    static constexpr const char* label = "map";
    template <class T> using result_type = std::remove_cvref_t<step_value<Function, T>>;

    Function function;

    template <class Record, class Pass, class Emit>
    void operator()(Record&& record, const stamp_view& at, Pass&, std::uint32_t*, Emit&& emit) const {
        emit(invoke_step(function, std::forward<Record>(record), at));
    }
};

// Appends a step to a stream. Column names belong to the record, which a map replaces.
template <class Port, class... Steps, class Step>
auto with_step(stream<Port, Steps...> source, Step step, bool keep_columns) {
    return stream<Port, Steps..., Step>{source.from(), source.outlet(), source.steps().then(std::move(step)),
                                        keep_columns ? source.columns() : column_names{}};
}

}  // namespace detail

template <class Function>
struct map_operation : operation {
    Function function;

    template <class S> auto apply(S source) const {
        if constexpr (!plain_stream<S>) {
            static_assert(detail::unsupported<S>,
                          "map takes a plain stream: put it before weir::key_by(...), or after the aggregate");
            return rejected_stream{};
        } else if constexpr (!detail::step_function<Function, typename S::value_type>) {
            static_assert(detail::unsupported<S>,
                          "map needs a function that can be called with the record (or with the record and its stamp)");
            return rejected_stream{};
        } else if constexpr (std::is_void_v<detail::step_value<Function, typename S::value_type>>) {
            static_assert(detail::unsupported<S>, "map needs a function that returns the new record, not void");
            return rejected_stream{};
        } else {
            return detail::with_step(std::move(source), detail::map_step<Function>{function}, false);
        }
    }
};

template <class Function> [[nodiscard]] auto map(Function function) {
    return map_operation<Function>{{}, std::move(function)};
}

}  // namespace weir

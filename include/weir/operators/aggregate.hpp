// SPDX-License-Identifier: Apache-2.0
// aggregate(count(), sum(&T::amount), ...): one or more aggregates over the windows of a keyed stream.
//
//   window(...)  | aggregate(...)            emits windowed<Key, Results...>: key, start, end, results
//   window(...)  | aggregate<Summary>(...)   fills a struct whose fields are key, start, end and the results, in order
//   rolling(...) | aggregate(...)            emits rolled<Record, ...>: the record and, per aggregate, a result per
//                                            length; over(24h, distinct(...)) asks for one length only
//
// Columns are named after the key's field and the aggregates; as("name", ...) renames.
#pragma once
#include <weir/operators/open_windows_stage.hpp>
#include <weir/operators/rolling_stage.hpp>
#include <weir/operators/window.hpp>
#include <weir/operators/window_state.hpp>

namespace weir {

namespace detail {

template <class Windowing> inline constexpr bool is_open_windowing = false;
template <class Windows, class Evictor>
inline constexpr bool is_open_windowing<open_windowing<Windows, Evictor>> = true;

template <class Windowing, class... Parts>
struct running_windows {
    using type = window_stage<Parts...>;
};
template <class Windows, class Evictor, class Key, class Record, class Row, class KeyFunction, class... As>
struct running_windows<open_windowing<Windows, Evictor>, Key, Record, Row, KeyFunction, As...> {
    using type = open_windows_stage<Key, Record, Row, KeyFunction, open_windowing<Windows, Evictor>, As...>;
};

}  // namespace detail

template <class Row, class... As>
struct aggregate_operation : stage_operation {
    std::tuple<As...> aggregates;

    template <class S> auto apply(S source, stage_name name = {}) const {
        if constexpr (!detail::is_windowed<S>) {
            static_assert(detail::unsupported<S>, "aggregate needs a window: put weir::window(...) before it");
            return rejected_stream{};
        } else if constexpr (!(described_aggregate<As> && ...)) {
            static_assert(detail::unsupported<S>,
                          "aggregate needs aggregates, such as weir::count() or weir::sum(&Record::amount)");
            return rejected_stream{};
        } else if constexpr (!(aggregate_for<As, typename S::value_type> && ...)) {
            static_assert(detail::unsupported<S>,
                          "an aggregate reads another record than this stream carries: look at its member pointer");
            return rejected_stream{};
        } else if constexpr (std::is_same_v<typename S::window_type, window_grid>) {
            return over_windows(std::move(source), std::move(name));
        } else if constexpr (detail::is_open_windowing<typename S::window_type>) {
            if constexpr (!S::window_type::windows_type::template takes<typename S::value_type>) {
                static_assert(detail::unsupported<S>, "session(fn) needs fn(const Record&) to give a duration");
                return rejected_stream{};
            } else {
                return over_windows(std::move(source), std::move(name));
            }
        } else {
            static_assert(std::is_void_v<Row>, "aggregate<Summary> is for windows: rolling emits weir::rolled");
            return over_lengths(std::move(source), std::move(name));
        }
    }

  private:
    template <class S> auto over_windows(S source, stage_name name) const {
        using keyed = typename S::keyed_type;
        using key = typename keyed::key_type;
        using record = typename S::value_type;
        using tuple = std::tuple<aggregate_result<As>...>;
        if constexpr (!std::is_void_v<Row> && !fits<Row, key, tuple>) {
            static_assert(detail::unsupported<S>,
                          "aggregate<Summary> needs a struct whose fields are key, start, end and one per aggregate");
            return rejected_stream{};
        } else {
            using row = std::conditional_t<std::is_void_v<Row>, windowed<key, aggregate_result<As>...>, Row>;
            using running = typename detail::running_windows<typename S::window_type, key, record, row,
                                                             typename keyed::key_function, As...>::type;
            using description = typename running::description_type;
            std::vector<std::string> columns{source.source().key_name(), "start", "end"};
            std::apply([&](const As&... each) { (columns.push_back(each.name()), ...); }, aggregates);
            auto made = std::make_shared<detail::keyed_node<keyed, running, description>>(
                "aggregate", std::move(name), source.source(), description{source.window(), {aggregates}});
            return stream<stream_port<row, in_turn, timing::event, record>>{
                std::move(made), 0, {}, std::make_shared<const std::vector<std::string>>(std::move(columns))};
        }
    }
    template <class S> auto over_lengths(S source, stage_name name) const {
        using keyed = typename S::keyed_type;
        using record = typename S::value_type;
        using description = detail::rolling_description<record, S::window_type::count, As...>;
        using running = detail::rolling_stage<typename keyed::key_type, record, S::window_type::count,
                                              typename keyed::key_function, As...>;
        description described{source.window(), aggregates};
        described.check();
        auto columns = described.columns();
        auto made = std::make_shared<detail::keyed_node<keyed, running, description>>(
            "rolling", std::move(name), source.source(), std::move(described));
        return stream<stream_port<typename running::row_type, in_turn, timing::event, record>>{std::move(made), 0, {},
                                                                                               std::move(columns)};
    }
    template <class Summary, class Key, class Tuple>
    static constexpr bool fits = []<class... Results>(std::type_identity<std::tuple<Results...>>) {
        return requires(Key key, timestamp at, Results... results) { Summary{key, at, at, results...}; };
    }(std::type_identity<Tuple>{});
};

template <class... As> [[nodiscard]] auto aggregate(As... aggregates) {
    static_assert(sizeof...(As) > 0, "aggregate needs at least one aggregate, such as weir::count()");
    return aggregate_operation<void, As...>{{}, std::tuple<As...>{std::move(aggregates)...}};
}
template <class Summary, class... As>
    requires(!described_aggregate<Summary>)
[[nodiscard]] auto aggregate(As... aggregates) {
    static_assert(sizeof...(As) > 0, "aggregate needs at least one aggregate, such as weir::count()");
    return aggregate_operation<Summary, As...>{{}, std::tuple<As...>{std::move(aggregates)...}};
}

}  // namespace weir

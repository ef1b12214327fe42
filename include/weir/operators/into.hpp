// SPDX-License-Identifier: Apache-2.0
// into(sink): ends a stream. A sink takes its records in turn, on one worker.
#pragma once
#include <weir/flow/graph.hpp>
#include <weir/flow/sink_node.hpp>

namespace weir {

template <class Sink>
struct into_operation : stage_operation {
    Sink sink;

    template <class S> auto apply(S source, stage_name name = {}) const {
        if constexpr (detail::is_keyed<S>) {
            return source.source() | *this;
        } else if constexpr (!plain_stream<S>) {
            static_assert(detail::unsupported<S>,
                          "a windowed stream has no records yet: put weir::aggregate(...) before into");
            return rejected_stream{};
        } else if constexpr (!std::derived_from<Sink, sink_description>) {
            static_assert(detail::unsupported<S>,
                          "into needs a sink: weir::collect<T>(), weir::csv(path), weir::for_each(function)");
            return rejected_stream{};
        } else if constexpr (!detail::sink_for<Sink, typename S::value_type>) {
            static_assert(detail::unsupported<S>,
                          "this sink does not take this record: collect<T> needs the same T, csv needs a described "
                          "struct, as json_lines does, for_each a function of the record");
            return rejected_stream{};
        } else {
            return output{std::make_shared<detail::sink_node<S, Sink>>(std::move(name), std::move(source), sink)};
        }
    }
};

template <class Sink> [[nodiscard]] auto into(Sink sink) { return into_operation<Sink>{{}, std::move(sink)}; }

// The late side output of a stage: the records it refused, with the stamps they came with.
template <class S> [[nodiscard]] auto late(const S& results) {
    if constexpr (!plain_stream<S>) {
        static_assert(detail::unsupported<S>, "late needs the stream of results of a stage, such as an aggregate");
        return rejected_stream{};
    } else if constexpr (std::is_void_v<typename S::port::late_type> || !S::chain_type::is_empty ||
                         detail::has_failed_side<typename S::port::late_type>) {
        static_assert(detail::unsupported<S>,
                      "late needs the stream right behind a stage that judges lateness: aggregate, process, rolling or "
                      "sort_by_time");
        return rejected_stream{};
    } else if constexpr (detail::has_late_sides<typename S::port::late_type>) {
        static_assert(detail::unsupported<S>, "a join of two streams refuses records of both: weir::late_left(...) and "
                                              "weir::late_right(...)");
        return rejected_stream{};
    } else {
        using record = typename detail::late_record<typename S::port::late_type>::type;
        using port = stream_port<record, typename S::port::order, S::time>;
        return stream<port>{results.from(), 1};
    }
}

}  // namespace weir

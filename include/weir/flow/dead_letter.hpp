// SPDX-License-Identifier: Apache-2.0
// dead_letter(sink), given to a source: what cannot be read goes to that sink as bad_record, in turn, with offsets of
// its own in the log, and the run goes on. The ledger counts it. Without it the first bad record ends the run with a
// weir::error of kind input that says where it stands and what is wrong.
// Given to a budget (flow/budget.hpp), it takes the records on which a map took too long.
#pragma once
#include <memory>
#include <utility>

#include <weir/flow/sink_node.hpp>
#include <weir/record/csv_options.hpp>

namespace weir {

template <class Sink>
struct dead_letter_policy {
    Sink sink;
};

template <class Sink> [[nodiscard]] auto dead_letter(Sink sink) {
    static_assert(std::derived_from<Sink, sink_description>,
                  "dead_letter needs a sink: weir::csv(path), weir::collect<weir::bad_record>(), "
                  "weir::for_each(function)");
    if constexpr (std::derived_from<Sink, sink_description>) {
        static_assert(detail::sink_for<Sink, bad_record>,
                      "dead_letter needs a sink that takes weir::bad_record: weir::csv(path), "
                      "weir::collect<weir::bad_record>(), weir::for_each(function)");
    }
    return dead_letter_policy<Sink>{std::move(sink)};
}

namespace detail {

// The node of the dead-letter sink behind a source, which is its second outlet. Made anew for each graph: a node that
// the source kept would hold the source.
template <class Order, class Sink>
[[nodiscard]] std::shared_ptr<const node> dead_letter_node(std::shared_ptr<const node> source, const Sink& sink) {
    using unreadable = stream<stream_port<bad_record, Order, timing::log>>;
    return std::make_shared<sink_node<unreadable, Sink>>("", unreadable{std::move(source), 1}, sink);
}

}  // namespace detail
}  // namespace weir

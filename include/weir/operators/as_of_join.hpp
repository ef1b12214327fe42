// SPDX-License-Identifier: Apache-2.0
// as_of_join(records, versions, keep_for(30 days)): each record with the version of its key that was valid at its time,
// which is the one with the greatest (time, turn) among those with time <= the record's. It is said when the watermark
// has passed the record's time, for no version of that time can come any more; its time, and its watermark, are the
// record's time. Records for which there is no version come with none.
//
//   as_of_join(orders | key_by(&order::currency), rates | key_by(&rate::currency), keep_for(24h))
//   gives joined<order, std::optional<rate>>
//
// The bound of what is kept: a version that is not the newest goes when the watermark has passed the next one, and the
// newest when it is older than the retention; it is not found by records that are further from it than that, either.
// A record with time < its own watermark is late: late_left(results), late_right(results). Both are taken in turn.
// O(log kept of the key) per record.
#pragma once
#include <weir/operators/as_of_stage.hpp>
#include <weir/operators/keyed_pair.hpp>

namespace weir {

// Throws weir::error of kind configuration if the retention is not above zero.
template <class Left, class Right>
[[nodiscard]] auto as_of_join(Left records, Right versions, keep_for kept) {
    if constexpr (!detail::is_keyed<Left> || !detail::is_keyed<Right>) {
        static_assert(detail::unsupported<Left>,
                      "as_of_join takes two keyed streams: put weir::key_by(...) behind each");
        return rejected_stream{};
    } else if constexpr (Left::time != timing::event || Right::time != timing::event) {
        static_assert(detail::unsupported<Left>,
                      "as_of_join needs event time on both sides: put weir::event_time(&Record::at, "
                      "weir::out_of_order(5s)) behind each source");
        return rejected_stream{};
    } else if constexpr (!std::is_same_v<typename Left::key_type, typename Right::key_type>) {
        static_assert(detail::unsupported<Left>, "as_of_join needs keys of one type on both sides");
        return rejected_stream{};
    } else if constexpr (!detail::kept_by_joins<typename Left::value_type> ||
                         !detail::kept_by_joins<typename Right::value_type>) {
        static_assert(detail::unsupported<Left>,
                      "as_of_join keeps records, and may give one several times: they need a default constructor and "
                      "copies");
        return rejected_stream{};
    } else {
        if (kept.retention <= duration::zero()) {
            throw error(error_kind::configuration, "as_of_join: versions are kept for a time above zero");
        }
        using record = typename Left::value_type;
        using version = typename Right::value_type;
        using running =
            detail::as_of_stage<record, version, typename Left::key_function, typename Right::key_function>;
        using description = typename running::description_type;
        using port = stream_port<joined<record, std::optional<version>>, in_turn, timing::event,
                                 late_sides<record, version>>;
        return stream<port>{std::make_shared<detail::keyed_pair_node<Left, Right, running, description>>(
                                "as_of_join", std::string{}, std::move(records), std::move(versions),
                                description{kept.retention}),
                            0};
    }
}

}  // namespace weir

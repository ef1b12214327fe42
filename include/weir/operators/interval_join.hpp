// SPDX-License-Identifier: Apache-2.0
// interval_join(left, right, between(lo, hi)): pairs the records a and b of two keyed streams that have one key and
// a.time + lo <= b.time <= a.time + hi. The bound of what is kept is the interval: a record goes when the watermark has
// passed all that it could be paired with.
//
//   interval_join(orders | key_by(&order::id), payments | key_by(&payment::order), between(0s, 1h))
//   interval_join(..., join::left_outer)  also each order that found no payment, when none can come: at time + hi
//
//   inner        joined<Left, Right>                    left_outer   joined<Left, std::optional<Right>>
//   right_outer  joined<std::optional<Left>, Right>     full_outer   joined of two optionals
//
// A pair has the later one's turn, the larger time and the larger watermark. A record with time < its own watermark is
// late: it is paired with nothing and goes to late_left(results) or late_right(results). Records are taken in turn.
// O(log kept of the key + pairs) per record.
#pragma once
#include <weir/operators/interval_join_stage.hpp>
#include <weir/operators/keyed_pair.hpp>

namespace weir {

struct join_interval {
    duration lo;
    duration hi;
};
// Both ends belong to it; -duration::max() and duration::max() are as good as none. Throws weir::error of kind
// configuration if lo > hi.
[[nodiscard]] inline join_interval between(duration lo, duration hi) {
    if (lo < -duration::max()) {
        throw error(error_kind::configuration, "between(lo, hi): lo is not below -duration::max()");
    }
    if (lo > hi) throw error(error_kind::configuration, "between(lo, hi): lo is not above hi");
    return {lo, hi};
}

template <class Left, class Right, class Kind = join_kind<false, false>>
[[nodiscard]] auto interval_join(Left left, Right right, join_interval within, Kind = {}) {
    if constexpr (!detail::is_keyed<Left> || !detail::is_keyed<Right>) {
        static_assert(detail::unsupported<Left>,
                      "interval_join takes two keyed streams: put weir::key_by(...) behind each");
        return rejected_stream{};
    } else if constexpr (Left::time != timing::event || Right::time != timing::event) {
        static_assert(detail::unsupported<Left>,
                      "interval_join needs event time on both sides: put weir::event_time(&Record::at, "
                      "weir::out_of_order(5s)) behind each source");
        return rejected_stream{};
    } else if constexpr (!std::is_same_v<typename Left::key_type, typename Right::key_type>) {
        static_assert(detail::unsupported<Left>, "interval_join needs keys of one type on both sides");
        return rejected_stream{};
    } else if constexpr (!detail::kept_by_joins<typename Left::value_type> ||
                         !detail::kept_by_joins<typename Right::value_type>) {
        static_assert(detail::unsupported<Left>,
                      "interval_join keeps records, and may give one several times: they need a default constructor "
                      "and copies");
        return rejected_stream{};
    } else {
        using left_record = typename Left::value_type;
        using right_record = typename Right::value_type;
        using running = detail::interval_join_stage<left_record, right_record, typename Left::key_function,
                                                    typename Right::key_function, Kind>;
        using description = typename running::description_type;
        using port = stream_port<typename running::result_type, in_turn, timing::event,
                                 late_sides<left_record, right_record>>;
        return stream<port>{std::make_shared<detail::keyed_pair_node<Left, Right, running, description>>(
                                "interval_join", std::string{}, std::move(left), std::move(right),
                                description{within.lo, within.hi}),
                            0};
    }
}

}  // namespace weir

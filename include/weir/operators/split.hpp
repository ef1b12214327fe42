// SPDX-License-Identifier: Apache-2.0
// split(p): two streams out of one, auto [matching, rest] = source | split(p). Both are filters of the same stream, so
// a record is in exactly one of them; p is called once per record and stream that is used.
#pragma once
#include <utility>

#include <weir/operators/filter.hpp>

namespace weir {
namespace detail {

template <class Predicate>
struct negated {
    Predicate predicate;
    template <class Record>
        requires takes_record<Predicate, const Record&>
    bool operator()(const Record& record) const { return !std::invoke(predicate, record); }
    template <class Record>
        requires(!takes_record<Predicate, const Record&> && takes_stamp<Predicate, const Record&>)
    bool operator()(const Record& record, const stamp_view& at) const { return !std::invoke(predicate, record, at); }
};

}  // namespace detail

template <class Predicate>
struct split_operation : operation {
    Predicate predicate;

    template <class S> auto apply(S source) const {
        if constexpr (!plain_stream<S>) {
            static_assert(detail::unsupported<S>,
                          "split takes a plain stream: put it before weir::key_by(...), or after the aggregate");
            return std::pair{rejected_stream{}, rejected_stream{}};
        } else if constexpr (!detail::step_predicate<Predicate, typename S::value_type>) {
            static_assert(detail::unsupported<S>, "split needs a predicate: bool(const Record&)");
            return std::pair{rejected_stream{}, rejected_stream{}};
        } else {
            return std::pair{source | filter(predicate), source | filter(detail::negated<Predicate>{predicate})};
        }
    }
};

template <class Predicate> [[nodiscard]] auto split(Predicate predicate) {
    return split_operation<Predicate>{{}, std::move(predicate)};
}

// The records whose time is below their watermark, and the others: auto [on_time, late] = source | split_late().
// Lateness is a matter of the stamp alone, so this is a pure step.
[[nodiscard]] inline auto split_late() {
    return split([]<class Record>(const Record&, const stamp_view& at) { return at.time() >= at.watermark(); });
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// filter(p): records for which p(record), or p(record, stamp), is true go on; the others are counted as filtered by the
// stage behind. Pure, as map.
#pragma once
#include <weir/operators/map.hpp>

namespace weir {
namespace detail {

template <class Predicate>
struct filter_step {
    static constexpr bool expands = false;
    static constexpr bool filters = true;
    static constexpr const char* label = "filter";
    template <class T> using result_type = T;

    Predicate predicate;

    template <class Record, class Pass, class Emit>
    void operator()(Record&& record, const stamp_view& at, Pass&, std::uint32_t*, Emit&& emit) const {
        if (invoke_step(predicate, std::as_const(record), at)) emit(std::forward<Record>(record));
    }
};

template <class Predicate, class T>
concept step_predicate = (takes_record<Predicate, const T&> || takes_stamp<Predicate, const T&>)&&requires(
    const Predicate& predicate, const T& record, const stamp_view& at) {
    { invoke_step(predicate, record, at) } -> std::convertible_to<bool>;
};

}  // namespace detail

template <class Predicate>
struct filter_operation : operation {
    Predicate predicate;

    template <class S> auto apply(S source) const {
        if constexpr (!plain_stream<S>) {
            static_assert(detail::unsupported<S>,
                          "filter takes a plain stream: put it before weir::key_by(...), or after the aggregate");
            return rejected_stream{};
        } else if constexpr (!detail::step_predicate<Predicate, typename S::value_type>) {
            static_assert(detail::unsupported<S>, "filter needs a predicate: bool(const Record&)");
            return rejected_stream{};
        } else {
            return detail::with_step(std::move(source), detail::filter_step<Predicate>{predicate}, true);
        }
    }
};

template <class Predicate> [[nodiscard]] auto filter(Predicate predicate) {
    return filter_operation<Predicate>{{}, std::move(predicate)};
}

}  // namespace weir

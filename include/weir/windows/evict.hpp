// SPDX-License-Identifier: Apache-2.0
// What a window forgets of its records when it speaks: window(global(), emit::after(10), evict::all_but_last(100)).
//
//   evict::all_but_last(n)        all but the n that came last
//   evict::older_than(d)          those whose time is d or more before the latest time among them
//   evict::apart(fn, threshold)   those with fn(record, last) >= threshold, where `last` is the one that came last
//
// That is done before the window speaks, so that its result is of what is left; .after() does it after that. What has
// been forgotten stays so. Such a window keeps its records, not only their aggregate: it takes their memory, and each
// result takes a step for each record. Records are in the order of turns; of joined sessions, in the order of those.
#pragma once
#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <weir/base/error.hpp>
#include <weir/time/timestamp.hpp>
#include <weir/windows/rolling_lengths.hpp>

namespace weir {

template <class Rule>
struct evictor {
    Rule rule;
    bool afterwards = false;

    [[nodiscard]] evictor after() const {
        evictor changed = *this;
        changed.afterwards = true;
        return changed;
    }
    [[nodiscard]] std::string text() const { return "evicting " + rule.text() + (afterwards ? " afterwards" : ""); }
};

namespace detail {

struct keep_last {
    std::uint64_t count;
    [[nodiscard]] std::string text() const { return "all but " + std::to_string(count); }
    template <class Rows> void operator()(Rows& rows) const {
        if (rows.size() <= count) return;
        rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(count));
    }
};
struct drop_older {
    duration by;
    [[nodiscard]] std::string text() const { return "older than " + length_text(by); }
    template <class Rows> void operator()(Rows& rows) const {
        timestamp latest = time_lowest;
        for (const auto& each : rows) latest = std::max(latest, each.time());
        const timestamp limit = saturating_sub(latest, by);
        std::erase_if(rows, [&](const auto& each) { return each.time() <= limit; });
    }
};
template <class Function, class Threshold>
struct drop_apart {
    Function function;
    Threshold threshold;
    [[nodiscard]] std::string text() const { return "apart"; }
    template <class Rows> void operator()(Rows& rows) const {
        if (rows.empty()) return;
        const auto last = rows.back().record;
        std::erase_if(rows, [&](const auto& each) { return std::invoke(function, each.record, last) >= threshold; });
    }
};

template <class> inline constexpr bool is_evictor = false;
template <class Rule> inline constexpr bool is_evictor<evictor<Rule>> = true;

}  // namespace detail

namespace evict {

[[nodiscard]] inline evictor<detail::keep_last> all_but_last(std::uint64_t count) {
    if (count == 0) throw error(error_kind::configuration, "evict::all_but_last: a window keeps at least one record");
    return {{count}};
}
[[nodiscard]] inline evictor<detail::drop_older> older_than(duration by) {
    if (by <= duration::zero()) throw error(error_kind::configuration, "evict::older_than: a time above zero");
    return {{by}};
}
template <class Function, class Threshold>
[[nodiscard]] evictor<detail::drop_apart<Function, Threshold>> apart(Function function, Threshold threshold) {
    return {{std::move(function), std::move(threshold)}};
}

}  // namespace evict
}  // namespace weir

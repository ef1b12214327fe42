// SPDX-License-Identifier: Apache-2.0
// budget(15ms), given to named: how long the stage may work on one record. The stage is measured then, whatever the
// runner was told, and records that took longer are counted as misses (stage_report::misses):
//
//   named("spending", aggregate(...), budget(2ms))
//
// A map that is given a budget is a stage of its own, and may say what becomes of a miss:
//
//   named("score", map(model), budget(15ms))                       counts it
//   named("score", map(model), budget(15ms, degrade(rules)))       its result is not used: rules(record) is, and for
//                                                                  the next 100 ms the model is not even asked
//   named("score", map(model), budget(15ms, dead_letter(sink)))    no result: the record goes to the sink, with reason
//
// With the last two, what comes out depends on how fast the machine is: weir::explain lists them.
#pragma once
#include <chrono>
#include <utility>

#include <weir/base/error.hpp>
#include <weir/flow/dead_letter.hpp>

namespace weir {

// A miss is counted.
struct count_misses {};

// A result that took too long is replaced by the fallback's, and as long as `retry_after` afterwards the fallback alone
// is called: what is too slow is not waited for record after record.
template <class Fallback>
struct degrade_policy {
    Fallback fallback;
    std::chrono::nanoseconds retry_after;
};
template <class Fallback>
[[nodiscard]] auto degrade(Fallback fallback, std::chrono::nanoseconds retry_after = std::chrono::milliseconds{100}) {
    return degrade_policy<Fallback>{std::move(fallback), retry_after};
}

template <class Miss>
struct stage_budget {
    std::chrono::nanoseconds longest;
    Miss on_miss;
};

// Throws weir::error of kind configuration if the time is not above zero.
template <class Miss = count_misses>
[[nodiscard]] stage_budget<Miss> budget(std::chrono::nanoseconds longest, Miss on_miss = {}) {
    if (longest <= std::chrono::nanoseconds::zero()) {
        throw error(error_kind::configuration, "a budget is a time above zero, such as weir::budget(15ms)");
    }
    return {longest, std::move(on_miss)};
}

// A stage, with a name and a budget.
template <class Inner, class Miss> [[nodiscard]] auto named(std::string name, Inner inner, stage_budget<Miss> budget) {
    static_assert(std::is_same_v<Miss, count_misses>,
                  "only a map can degrade or give up its result: put the slow function in a map of its own, "
                  "named(\"score\", map(f), budget(15ms, degrade(fallback)))");
    return detail::with_name(stage_name{std::move(name), budget.longest}, std::move(inner));
}

}  // namespace weir

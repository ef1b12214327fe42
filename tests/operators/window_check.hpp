// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/window.hpp>
#include <weir/sources/memory.hpp>

#include "operators/window_oracle.hpp"

namespace operators_test {

// Windows of `Aggregate`, which gathers amounts, against the oracle, in all runners.
template <class Aggregate>
void check_windows(std::uint64_t seed, const logs& all, weir::duration bound, weir::window_grid grid,
                   weir::duration lateness, bool with_late) {
    INFO(grid.text << ", lateness " << lateness.count() << ", " << all.size() << " partitions, late output "
                   << with_late);
    const auto results = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(bound)) |
                         weir::key_by(&reading::key) | weir::window(grid, weir::allowed_lateness(lateness)) |
                         weir::named("windows", weir::aggregate(Aggregate{}));
    const auto sink = weir::collect_stamped<window_oracle::row>();
    const auto late = weir::collect_stamped<reading>();
    std::vector<weir::output> outputs{results | weir::into(sink)};
    if (with_late) outputs.push_back(weir::late(results) | weir::into(late));
    const weir::graph what("windows", outputs);
    grid.lateness = lateness;
    const window_oracle wanted(arrivals(all, bound), grid, what.number_of(results.from().get()));
    const auto report = with_late ? run_everywhere(what, seed, sink, late) : run_everywhere(what, seed, sink);
    REQUIRE(difference(wanted.results, report.output(sink)) == "");
    if (with_late) REQUIRE(difference(wanted.late, report.output(late)) == "");
    const auto& counts = report.of("windows");
    CHECK(counts.late == wanted.late.size());
    CHECK(counts.updates == wanted.updates);
    CHECK(counts.results == wanted.results.size() - wanted.updates);
    if (seed % 6 != 0) return;
    if (with_late)
        restore_everywhere(what, report, sink, late);
    else
        restore_everywhere(what, report, sink);
}

}  // namespace operators_test

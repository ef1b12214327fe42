// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/table_row.hpp>

#include <weir/operators/into.hpp>
#include <weir/operators/table_join.hpp>

#include "operators/paired_windows_oracle.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

TEST_CASE("a row of a joined table is a row of the next one", "[operators]") {
    using pair = weir::joined<reading, click>;
    using row = weir::table_row<std::uint32_t, pair>;
    const auto is_delete = [](const reading& each) { return each.amount < 0; };
    // Of key 1: a row on both sides, a delete, and a row again.
    const logs left{{make_reading(1, 10, 1), make_reading(1, 30, -1), make_reading(1, 50, 2)}};
    const logs right{{make_reading(1, 20, 10)}};
    const logs third{{make_reading(1, 25, 100), make_reading(1, 40, 101), make_reading(1, 60, 102)}};
    const auto first = weir::named("first", weir::table_join(keyed_readings(left, 0ns), keyed_clicks(right, 0ns),
                                                             weir::unbounded, weir::deletes_left(is_delete)));
    const auto all = weir::named("all", weir::table_join(first | weir::key_by(&row::key), keyed_readings(third, 0ns),
                                                         weir::unbounded, weir::join::right_outer,
                                                         weir::deletes_left(&row::row)));
    using numbers = std::pair<std::int64_t, std::int64_t>;
    const auto sink = weir::collect_stamped<numbers>();
    const weir::graph what("three tables", all | weir::map([](const auto& each) {
                                               if (!each.row) return numbers{-2, -2};
                                               const auto& [joined, last] = *each.row;
                                               return numbers{joined ? joined->row->left.amount : -1, last.amount};
                                           }) | weir::into(sink));
    const auto report = run_everywhere(what, 1, sink);
    std::vector<std::pair<std::int64_t, numbers>> got;
    for (const auto& each : report.output(sink)) got.push_back({each.at.time.time_since_epoch().count(), each.record});
    // By hand. The joined row of 10 and 20 comes at 20, before there is a third.
    CHECK(got == std::vector<std::pair<std::int64_t, numbers>>{
                     {25, {1, 100}}, {30, {-1, 100}}, {40, {-1, 101}}, {50, {2, 101}}, {60, {2, 102}}});
    for (const auto& each : report.stages) CHECK((each.name != "all" || each.state.keys == 0));
    restore_everywhere(what, report, sink);
}

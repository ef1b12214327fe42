// SPDX-License-Identifier: Apache-2.0
// What the cases beside this one get wrong, right.
#include "reading.hpp"

void right() {
    const auto results =
        windowed_readings() | weir::named("counts", weir::aggregate(weir::count(), weir::sum(&reading::value)));
    const auto log = weir::csv_files<reading>("in.csv", weir::csv_options{.separator = ';'}, weir::as_partitions,
                                              weir::dead_letter(weir::collect<weir::bad_record>()));
    const auto both =
        weir::merge(timed(), log | clocked() | weir::filter([](const reading& each) { return each.value > 0; }));
    const auto totals = both | weir::key_by(&reading::sensor) |
                        weir::process<running_total>(
                            [](auto&, const reading& each, running_total& total) { return total.sum += each.value; });
    weir::graph what("g", results | weir::into(weir::csv("out/")),
                     weir::late(results) | weir::into(weir::collect<reading>()),
                     totals | weir::into(weir::for_each([](double) {})));
    weir::run(what, weir::batch{});
}

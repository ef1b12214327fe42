// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/broadcast_join.hpp>

#include <map>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

using pair_type = weir::joined<reading, std::optional<reading>>;

auto timed(const logs& all, weir::duration bound) {
    return weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(bound));
}
std::uint32_t row_of(const reading& each) { return static_cast<std::uint32_t>(each.amount % 7); }

// By definition: both streams in one order; each record with the last row of its key before it.
struct expected {
    std::vector<weir::stamped<pair_type>> outer;
    std::vector<weir::stamped<reading>> late_records, late_rows;
};
expected by_definition(const logs& all, const logs& table, std::size_t stage) {
    struct step {
        weir::stamped<reading> each;
        bool row;
    };
    std::vector<step> steps;
    for (const auto& each : arrivals(all, 6ns)) steps.push_back({each, false});
    for (auto each : arrivals(table, 9ns)) {
        // Partitions are numbered through the whole graph.
        each.at.at.from = weir::lane::partition(each.at.at.from.number + all.size());
        steps.push_back({each, true});
    }
    std::sort(steps.begin(), steps.end(),
              [](const step& left, const step& right) { return left.each.at.at < right.each.at.at; });
    expected made;
    std::map<std::uint32_t, reading> rows;
    for (const auto& [each, row] : steps) {
        if (each.at.time < each.at.watermark()) {
            (row ? made.late_rows : made.late_records).push_back(each);
        } else if (row) {
            rows[each.record.key] = each.record;
        } else {
            weir::stamp at = each.at;
            at.at.tail.push_back(weir::tail_word::result_of(static_cast<std::uint32_t>(stage), 0));
            const auto found = rows.find(row_of(each.record));
            pair_type pair{each.record, {}};
            if (found != rows.end()) pair.right = found->second;
            made.outer.push_back({pair, at});
        }
    }
    return made;
}

}  // namespace

TEST_CASE("each record gets the row that came before it in turn, on every worker", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 13U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const logs all = random_logs(seed, {.records = 90, .partitions = 1 + choose.below(3), .keys = 9});
    logs table = random_logs(seed + 1000, {.records = 60, .partitions = 1 + choose.below(2), .keys = 7});
    const auto results = timed(all, 6ns) | weir::key_by(&reading::key) |
                         weir::named("enriched", weir::broadcast_join(timed(table, 9ns), &reading::key, row_of,
                                                                      weir::rows_at_most(50), weir::join::left_outer));
    const auto sink = weir::collect_stamped<pair_type>();
    const auto late = weir::collect_stamped<reading>();
    const auto late_rows = weir::collect_stamped<reading>();
    const weir::graph what("enriched", results | weir::into(sink), weir::late_left(results) | weir::into(late),
                           weir::late_right(results) | weir::into(late_rows));
    std::size_t stage = 0;
    while (what.nodes()[stage]->name() != "enriched") ++stage;
    const expected wanted = by_definition(all, table, stage);
    const auto report = run_everywhere(what, seed, sink, late, late_rows);
    REQUIRE(difference(wanted.outer, report.output(sink)) == "");
    REQUIRE(difference(wanted.late_records, report.output(late)) == "");
    REQUIRE(difference(wanted.late_rows, report.output(late_rows)) == "");
    for (const auto& each : report.stages) CHECK((each.name != "enriched" || each.state.keys == 0));
    if (seed % 4 == 0) restore_everywhere(what, report, sink, late, late_rows);
}

TEST_CASE("an inner broadcast join leaves out records without a row; a table beyond its bound ends the run",
          "[operators]") {
    const logs table{{make_reading(1, 0), make_reading(2, 1), make_reading(1, 2)}};
    // The first record has no watermark yet: it comes before all rows.
    const logs all{{make_reading(9, 4, 1), make_reading(9, 5, 1), make_reading(9, 6, 3), make_reading(9, 7, 2)}};
    const auto join = [&](auto bound) {
        return timed(all, 0ns) | weir::key_by(&reading::key) |
               weir::broadcast_join(timed(table, 0ns), &reading::key, row_of, bound);
    };
    const auto sink = weir::collect<weir::joined<reading, reading>>();
    const auto run = [&](auto bound) {
        return weir::run(weir::graph("inner", join(bound) | weir::into(sink)), weir::batch{}).output(sink);
    };
    const auto found = run(weir::rows_at_most(2));
    REQUIRE(found.size() == 2);
    CHECK(found[0].left.amount == 1);
    CHECK(found[0].right.at == nanosecond(2));
    CHECK(found[1].left.amount == 2);
    CHECK(run(weir::unbounded).size() == 2);
    CHECK_THROWS_WITH(run(weir::rows_at_most(1)), Catch::Matchers::Contains("more than 1 rows"));
    CHECK_THROWS_WITH(weir::broadcast_join(timed(table, 0ns), &reading::key, row_of, weir::rows_at_most(0)),
                      Catch::Matchers::Contains("above zero"));
}

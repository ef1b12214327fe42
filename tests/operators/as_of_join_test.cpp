// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/as_of_join.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/sources/memory.hpp>

#include "operators/window_oracle.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

using numbers = std::pair<std::int64_t, std::int64_t>;  // of the record and its version; -1: none

void check_as_of(std::uint64_t seed, const logs& records, const logs& versions, weir::duration bound,
                 weir::duration retention) {
    const auto keyed = [&](const logs& all) {
        return weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(bound)) |
               weir::key_by(&reading::key);
    };
    const auto found =
        weir::named("valid", weir::as_of_join(keyed(records), keyed(versions), weir::keep_for(retention)));
    const auto sink = weir::collect_stamped<numbers>();
    const auto late_left = weir::collect_stamped<reading>();
    const auto late_right = weir::collect_stamped<reading>();
    const weir::graph what("as of",
                           found | weir::map([](const weir::joined<reading, std::optional<reading>>& each) {
                               return numbers{each.left.amount, each.right ? each.right->amount : -1};
                           }) | weir::into(sink),
                           weir::late_left(found) | weir::into(late_left),
                           weir::late_right(found) | weir::into(late_right));
    const auto stage = what.number_of(found.from().get());
    // By definition. Partitions are numbered through the graph: the records' first.
    logs all = records;
    all.insert(all.end(), versions.begin(), versions.end());
    std::vector<weir::stamped<reading>> sides[2];
    std::size_t late = 0;
    for (auto& each : arrivals(all, bound)) {
        const bool is_version = each.at.at.from.number >= records.size();
        if (each.at.time < each.at.watermark()) {
            ++late;
        } else {
            sides[is_version ? 1 : 0].push_back(std::move(each));
        }
    }
    std::map<std::pair<timestamp, std::uint32_t>, std::uint64_t> sequence;
    std::vector<weir::stamped<numbers>> wanted;
    for (const auto& [record, at] : sides[0]) {
        const weir::stamped<reading>* best = nullptr;
        for (const auto& each : sides[1]) {  // in turn
            if (each.record.key != record.key || each.at.time > at.time || each.at.time + retention < at.time) continue;
            if (best == nullptr || each.at.time >= best->at.time) best = &each;
        }
        wanted.push_back({{record.amount, best == nullptr ? -1 : best->record.amount},
                          triggered(at.time, stage, weir::stable_hash(record.key), sequence[{at.time, record.key}]++)});
    }
    sort_by_turn(wanted);
    const auto report = run_everywhere(what, seed, sink, late_left, late_right);
    REQUIRE(difference(wanted, report.output(sink)) == "");
    CHECK(report.output(late_left).size() + report.output(late_right).size() == late);
    CHECK(report.of("valid").late == late);
    CHECK(report.of("valid").results == wanted.size());
    for (const auto& each : report.stages) CHECK((each.name != "valid" || each.state.keys == 0));
    if (seed % 4 == 0) restore_everywhere(what, report, sink, late_left, late_right);
}

}  // namespace

TEST_CASE("an as-of join finds the version that was valid, by the definition", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 31U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    logs records = random_logs(seed, {.records = 60, .partitions = 1 + choose.below(2),
                                      .disorder = 5 + choose.below(20)});
    logs versions = random_logs(seed + 500, {.records = 40, .partitions = 1 + choose.below(2), .step = 9,
                                             .disorder = 5 + choose.below(20)});
    number_amounts(records);
    number_amounts(versions);
    check_as_of(seed, records, versions, weir::duration{choose.below(12)}, weir::duration{1 + choose.below(60)});
}

TEST_CASE("of versions of one time the later one is valid, from its time on", "[operators]") {
    logs records{{make_reading(1, 4, 0), make_reading(1, 5, 1), make_reading(1, 14, 2), make_reading(1, 15, 3),
                  make_reading(1, 16, 4)}};
    logs versions{{make_reading(1, 5, 10), make_reading(1, 5, 11), make_reading(2, 5, 12)}};
    check_as_of(4, records, versions, 0ns, 10ns);
    check_as_of(4, records, {{}}, 0ns, 10ns);
    check_as_of(4, {{}}, versions, 0ns, 10ns);
}

TEST_CASE("a retention that makes no sense is refused", "[operators]") {
    const auto keyed = weir::memory(readings{}) | weir::event_time(&reading::at, weir::out_of_order(0ns)) |
                       weir::key_by(&reading::key);
    require_refused([&] { static_cast<void>(weir::as_of_join(keyed, keyed, weir::keep_for(0ns))); },
                    "for a time above zero");
}

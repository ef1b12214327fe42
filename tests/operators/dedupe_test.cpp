// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/dedupe.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

void check_dedupe(std::uint64_t seed, const logs& all, weir::duration bound, weir::duration ttl) {
    const auto passed = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(bound)) |
                        weir::named("once", weir::dedupe(&reading::key, ttl));
    const auto sink = weir::collect_stamped<reading>();
    const auto late = weir::collect_stamped<reading>();
    const weir::graph what("once", passed | weir::into(sink), weir::late(passed) | weir::into(late));
    // By definition: against all that were passed on before, in turn.
    std::vector<weir::stamped<reading>> wanted, refused;
    std::uint64_t duplicates = 0;
    for (const auto& each : arrivals(all, bound)) {
        if (each.at.time < each.at.watermark()) {
            refused.push_back(each);
            continue;
        }
        const bool duplicate = std::any_of(wanted.begin(), wanted.end(), [&](const auto& kept) {
            return kept.record.key == each.record.key && kept.at.time + ttl > each.at.time;
        });
        duplicates += duplicate ? 1U : 0U;
        if (!duplicate) wanted.push_back(each);
    }
    const auto report = run_everywhere(what, seed, sink, late);
    REQUIRE(difference(wanted, report.output(sink)) == "");
    REQUIRE(difference(refused, report.output(late)) == "");
    CHECK(report.of("once").filtered == duplicates);
    for (const auto& each : report.stages) CHECK((each.name != "once" || each.state.keys == 0));
    if (seed % 4 == 0) restore_everywhere(what, report, sink, late);
}

}  // namespace

TEST_CASE("dedupe passes on what no kept record of its id reaches, by the definition", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 25U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const logs all = random_logs(seed, {.records = 90, .partitions = 1 + choose.below(3), .keys = 3 + choose.below(30),
                                        .disorder = 5 + choose.below(25)});
    check_dedupe(seed, all, weir::duration{choose.below(12)}, weir::duration{1 + choose.below(40)});
}

TEST_CASE("a record at time + ttl of the kept one is no duplicate, and duplicates do not prolong", "[operators]") {
    check_dedupe(4, {{make_reading(1, 0), make_reading(1, 9), make_reading(1, 10), make_reading(1, 19),
                      make_reading(1, 20), make_reading(2, 20)}}, 0ns, 10ns);
    // A duplicate that is older than the kept one.
    check_dedupe(4, {{make_reading(1, 5), make_reading(1, 3), make_reading(1, 16)}}, 5ns, 10ns);
}

TEST_CASE("nothing is kept of ids whose time has passed", "[operators]") {
    readings log;
    for (std::uint32_t i = 0; i < 5000; ++i) log.push_back(make_reading(i, i));
    const auto passed = weir::memory(log) | weir::event_time(&reading::at, weir::out_of_order(0ns)) |
                        weir::named("once", weir::dedupe(&reading::key, 100ns));
    const weir::graph what("once", passed | weir::into(weir::collect<reading>()));
    weir::engine running = weir::start_polled(what, weir::micro_batch{.max_records = 64});
    while (running.poll()) REQUIRE(running.report().of("once").accepted <= 5000);
    CHECK(running.report().stages[2].state.keys == 0);
    CHECK(running.stop().value().of("once").accepted == 5000);
}

TEST_CASE("a ttl that makes no sense is refused", "[operators]") {
    require_refused([] { static_cast<void>(weir::dedupe(&reading::key, 0ns)); }, "a ttl is above zero");
    require_refused([] { static_cast<void>(weir::dedupe(&reading::key, -1ns)); }, "a ttl is above zero");
}

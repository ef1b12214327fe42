// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/event_time.hpp>

#include <weir/operators/into.hpp>
#include <weir/operators/map.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

TEST_CASE("event_time stamps a record by those strictly before it in its log", "[operators]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U, 4U);
    const auto bound = GENERATE(0ns, 7ns, 1000ns);
    CAPTURE(seed, bound.count());
    const logs all = random_logs(seed, {.partitions = 3});
    const auto sink = weir::collect_stamped<reading>();
    const auto mapped_sink = weir::collect_stamped<reading>();
    const auto source = weir::memory_partitions(all);
    const auto direct = source | weir::event_time(&reading::at, weir::out_of_order(bound));
    // Behind a step the stage copies instead of stamping in place.
    const auto mapped = source | weir::map([](const reading& each) { return each; }) |
                        weir::event_time([](const reading& each) { return each.at; }, weir::out_of_order(bound));
    const weir::graph what("timed", direct | weir::into(sink), mapped | weir::into(mapped_sink));
    const auto report = run_everywhere(what, seed, sink, mapped_sink);
    REQUIRE(difference(arrivals(all, bound), report.output(sink)) == "");
    REQUIRE(difference(arrivals(all, bound), report.output(mapped_sink)) == "");
    if (seed == 1 && bound == 7ns) restore_everywhere(what, report, sink, mapped_sink);
}

TEST_CASE("a record exactly as old as the bound is on time", "[operators]") {
    const auto sink = weir::collect_stamped<reading>();
    const auto source = weir::memory(readings{make_reading(1, 100), make_reading(1, 95), make_reading(1, 94)}) |
                        weir::event_time(&reading::at, weir::out_of_order(5ns));
    const auto report = weir::run(weir::graph("edge", source | weir::into(sink)), weir::batch{});
    const auto& items = report.output(sink);
    CHECK(items[1].at.time == items[1].at.watermark());
    CHECK(items[2].at.time < items[2].at.watermark());
}

TEST_CASE("watermarks stop at the end of the line", "[operators]") {
    const std::int64_t lowest = weir::time_lowest.time_since_epoch().count();
    const auto sink = weir::collect_stamped<reading>();
    const auto source =
        weir::memory(readings{make_reading(1, lowest + 1), make_reading(1, lowest + 3), make_reading(1, 0)}) |
        weir::event_time(&reading::at, weir::out_of_order(24h));
    const auto report = weir::run(weir::graph("edge", source | weir::into(sink)), weir::batch{});
    CHECK(report.output(sink)[2].at.watermark() == weir::time_lowest);
}

TEST_CASE("two event times of one log live side by side", "[operators]") {
    const logs all = random_logs(5, {.partitions = 2});
    const auto strict = weir::collect_stamped<reading>();
    const auto patient = weir::collect_stamped<reading>();
    const auto source = weir::memory_partitions(all);
    const weir::graph what("two", source | weir::event_time(&reading::at, weir::out_of_order(0ns)) | weir::into(strict),
                           source | weir::named("patient", weir::event_time(&reading::at, weir::out_of_order(50ns))) |
                               weir::into(patient));
    const auto report = run_everywhere(what, 5, strict, patient);
    REQUIRE(difference(arrivals(all, 0ns), report.output(strict)) == "");
    REQUIRE(difference(arrivals(all, 50ns), report.output(patient)) == "");
    CHECK(report.of("patient").results == all[0].size() + all[1].size());
}

TEST_CASE("a negative bound is refused", "[operators]") {
    require_refused(
        [] { static_cast<void>(weir::memory(readings{}) | weir::event_time(&reading::at, weir::out_of_order(-1ns))); },
        "out_of_order needs a duration that is not negative");
}

TEST_CASE("the ends of the line are no time of a record", "[operators]") {
    const auto refused = [](timestamp at, weir::duration bound, bool in_place) {
        readings records = random_logs(1, {.records = 20})[0];
        records[7].at = at;
        const auto clock = weir::named("clock", weir::event_time(&reading::at, weir::out_of_order(bound)));
        const auto sink = weir::into(weir::collect<reading>());
        const auto stepped = weir::memory(records) | weir::map([](const reading& each) { return each; });
        const weir::graph what("ends", in_place ? weir::memory(records) | clock | sink : stepped | clock | sink);
        std::string sentence;
        for (const named_plan& each : every_runner()) {
            weir::testing::simulation where(1);
            try {
                static_cast<void>(weir::detail::run_graph(what, each.how, where));
                FAIL(each.name);
            } catch (const weir::error& thrown) {
                CHECK(thrown.kind() == weir::error_kind::input);
                sentence = thrown.what();
            }
            CHECK_THROWS_AS(static_cast<void>(weir::testing::reference_run(what, where)), weir::error);
        }
        return sentence;
    };
    const bool in_place = GENERATE(true, false);
    for (const auto bound : {weir::duration{0}, weir::duration{7}, weir::duration{24h}}) {
        CHECK(refused(weir::time_highest, bound, in_place) ==
              "event_time 'clock': a record has the highest of all timestamps, which is the time of no record");
        CHECK(refused(weir::time_lowest, bound, in_place) ==
              "event_time 'clock': a record has the lowest of all timestamps, which is the time of no record");
    }
}

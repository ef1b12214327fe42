// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/into.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

TEST_CASE("a stream used twice runs its stage once", "[operators]") {
    auto calls = std::make_shared<int>(0);
    const auto time_of = [calls](const reading& each) {
        ++*calls;
        return each.at;
    };
    const readings all = random_logs(1, {})[0];
    const auto timed = weir::memory(all) | weir::event_time(time_of, weir::out_of_order(5ns));
    const auto notes = weir::collect<std::string>();
    const auto amounts = weir::collect<std::int64_t>();
    const weir::graph what("twice", timed | weir::map(&reading::note) | weir::into(notes),
                           timed | weir::map(&reading::amount) | weir::into(amounts));
    const auto report = weir::run(what, weir::batch{});
    CHECK(*calls == static_cast<int>(all.size()));
    CHECK(report.output(notes).size() == all.size());
    CHECK(report.output(amounts).size() == all.size());
    // A step, other than a stage, is copied: it runs once per use.
    *calls = 0;
    const auto mapped = weir::memory(all) | weir::map(time_of);
    const auto first = weir::collect<timestamp>();
    const auto second = weir::collect<timestamp>();
    weir::run(weir::graph("copied", mapped | weir::into(first), mapped | weir::into(second)), weir::batch{});
    CHECK(*calls == 2 * static_cast<int>(all.size()));
}

TEST_CASE("one consumer moves records, two get copies that are whole", "[operators]") {
    const logs all = random_logs(2, {.partitions = 2, .disorder = 5});
    const auto source = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(5ns));
    const auto sorted = source | weir::sort_by_time();  // its results live in chunks that may be moved from
    const auto take = [](reading&& each) { return std::move(each.note); };
    const auto first = weir::collect_stamped<std::string>();
    const auto second = weir::collect_stamped<std::string>();
    const auto whole = weir::collect_stamped<reading>();
    const weir::graph what("moves", sorted | weir::map(take) | weir::into(first), sorted | weir::into(whole),
                           sorted | weir::map(take) | weir::into(second));
    const auto report = run_everywhere(what, 2, first, second, whole);
    restore_everywhere(what, report, first, second, whole);
    REQUIRE(report.output(whole).size() == all[0].size() + all[1].size());
    for (std::size_t i = 0; i < report.output(whole).size(); ++i) {
        const std::string note = "a note on key number " + std::to_string(report.output(whole)[i].record.key);
        REQUIRE(report.output(whole)[i].record.note == note);
        REQUIRE(report.output(first)[i].record == note);
        REQUIRE(report.output(second)[i].record == note);
    }
}

TEST_CASE("late is the other output of a stage that judges lateness", "[operators]") {
    const auto timed = weir::memory(readings{make_reading(1, 10), make_reading(1, 30), make_reading(1, 5)}) |
                       weir::event_time(&reading::at, weir::out_of_order(5ns));
    const auto sorted = timed | weir::sort_by_time();
    const auto sink = weir::collect_stamped<reading>();
    const auto report = run_everywhere(weir::graph("late only", weir::late(sorted) | weir::into(sink)), 1, sink);
    REQUIRE(report.output(sink).size() == 1);
    CHECK(report.output(sink)[0].at == weir::stamp{nanosecond(5), {nanosecond(25), weir::lane::partition(0), 2, {}}});
}

TEST_CASE("a graph that makes no sense is refused when it is built", "[operators]") {
    const auto numbers = weir::memory(std::vector{1, 2});
    const auto sink = weir::collect<int>();
    require_refused([&] { weir::graph("same sink", numbers | weir::into(sink), numbers | weir::into(sink)); },
                    "graph 'same sink' has two sinks for the collect sink");
    const auto other = weir::collect<int>();
    require_refused(
        [&] {
            weir::graph("same name", numbers | weir::named("out", weir::into(sink)),
                        numbers | weir::named("out", weir::into(other)));
        },
        "has two stages named 'out'");
    require_refused([] { weir::graph("empty", std::vector<weir::output>{}); }, "has no output");
    const auto moved =
        weir::generate(3, [](std::uint64_t i) { return std::make_unique<std::uint64_t>(i); }) |
        weir::event_time([](const std::unique_ptr<std::uint64_t>&) { return timestamp{}; }, weir::out_of_order(0ns));
    const auto count = [](std::unique_ptr<std::uint64_t>&& each) { return static_cast<int>(*each); };
    require_refused(
        [&] {
            weir::graph("moved", moved | weir::map(count) | weir::into(sink),
                        moved | weir::map(count) | weir::into(other));
        },
        "cannot be copied, but two stages use them");
    CHECK(weir::run(weir::graph("once", moved | weir::map(count) | weir::into(sink)), weir::batch{}).output(sink) ==
          std::vector{0, 1, 2});
}

TEST_CASE("a sink that was not part of the run has no output", "[operators]") {
    const auto sink = weir::collect<int>();
    const auto other = weir::collect<int>();
    const auto report = weir::run(weir::graph("one", weir::memory(std::vector{1}) | weir::into(sink)), weir::batch{});
    require_refused([&] { static_cast<void>(report.output(other)); }, "was not part of the graph");
}

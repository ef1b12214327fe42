// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/keyed_pair.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/interval_join.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/process.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {
struct nothing_kept {
    int unused = 0;
};
BOOST_DESCRIBE_STRUCT(nothing_kept, (), (unused))
}  // namespace

// One input has a record, and the other what came of it: turns of which one begins with all of the other.
TEST_CASE("a stage of two inputs takes a record and what came of it in the order of its results", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 9U));
    CAPTURE(seed);
    const logs all = random_logs(seed, {.records = 70, .partitions = 1 + seed % 3});
    const auto source = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(6ns));
    const auto copies = source | weir::flat_map([](const reading& each) { return std::vector(2, each); });
    const auto passed = copies | weir::key_by(&reading::key) |
                        weir::process<nothing_kept>([](auto&, const reading& each, nothing_kept&) { return each; });
    const auto keyed = [](const auto& stream) { return stream | weir::key_by(&reading::key); };
    const auto sink = weir::collect_stamped<weir::joined<reading, reading>>();
    const auto check = [&](const auto& pairs) {
        const weir::graph what("pairs", pairs | weir::into(sink));
        const auto report = run_everywhere(what, seed, sink);
        if (seed % 4 == 0) restore_everywhere(what, report, sink);
        return report.output(sink).size();
    };
    const auto near = weir::between(-3ns, 3ns);
    const std::size_t forth = check(weir::interval_join(keyed(source), keyed(passed), near));
    CHECK(forth == check(weir::interval_join(keyed(passed), keyed(source), near)));
    CHECK(forth == check(weir::interval_join(keyed(copies), keyed(source), near)));
}

TEST_CASE("a stage of two inputs has a name, and says what it joins", "[operators]") {
    const auto keyed = weir::memory(readings{}) | weir::event_time(&reading::at, weir::out_of_order(6ns)) |
                       weir::key_by(&reading::key);
    const auto pairs = weir::named("pairs", weir::interval_join(keyed, keyed, weir::between(-5s, 1h)));
    CHECK(pairs.from()->name() == "pairs");
    CHECK(pairs.from()->detail() == "by key and key, inner between -5s and 1h");
}

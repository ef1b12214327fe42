// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/erase.hpp>

#include <map>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct running_total {
    std::int64_t sum = 0;
};
BOOST_DESCRIBE_STRUCT(running_total, (), (sum))

// As it would stand in a header, with the definition in another file.
weir::any_stream<reading, weir::by_channel> doubled(weir::any_stream<reading, weir::by_channel> source) {
    return source | weir::flat_map([](const reading& each) { return std::vector(2, each); }) |
           weir::filter([](const reading& each) { return each.key != 3; });
}
auto totals(weir::any_stream<reading, weir::by_channel> source) {
    return source | weir::key_by(&reading::key) |
           weir::named("totals", weir::process<running_total>([](auto&, const reading& each, running_total& total) {
                           total.sum += each.amount;
                           return total.sum;
                       }));
}

}  // namespace

TEST_CASE("erase hides the type of a stream and changes nothing else", "[operators]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    const logs all = random_logs(seed, {.partitions = 2});
    const auto sink = weir::collect_stamped<reading>();
    const auto total_sink = weir::collect_stamped<std::int64_t>();
    const auto source = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(5ns));
    const auto parts = doubled(source);
    const weir::graph what("erased", parts | weir::into(sink), totals(parts) | weir::into(total_sink));
    const auto report = run_everywhere(what, seed, sink, total_sink);

    std::vector<weir::stamped<reading>> wanted;
    std::vector<std::int64_t> wanted_totals;
    std::map<std::uint32_t, std::int64_t> sums;
    for (const auto& each : arrivals(all, 5ns)) {
        if (each.record.key == 3) continue;
        for (const std::uint64_t index : {0U, 1U}) {
            wanted.push_back(each);
            wanted.back().at.at.tail.push_back(index);
            if (each.at.time >= each.at.watermark()) {
                wanted_totals.push_back(sums[each.record.key] += each.record.amount);
            }
        }
    }
    REQUIRE(difference(wanted, report.output(sink)) == "");
    std::vector<std::int64_t> got;
    for (const auto& each : report.output(total_sink)) got.push_back(each.record);
    CHECK(got == wanted_totals);
    if (seed == 2) restore_everywhere(what, report, sink, total_sink);
}

TEST_CASE("a stream without steps is erased for free", "[operators]") {
    const auto source = weir::memory(readings{}) | weir::event_time(&reading::at, weir::out_of_order(5ns));
    const auto erased = weir::erase(source);
    CHECK(erased.from() == source.from());
    const auto stepped = weir::erase(source | weir::filter([](const reading&) { return true; }));
    CHECK(stepped.from() != source.from());
    CHECK(stepped.from()->kind() == "steps");
}

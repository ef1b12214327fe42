// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/aggregate.hpp>

#include <map>
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/last.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/plain_sum.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/sources/memory.hpp>

#include "operators/exact.hpp"
#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct summary {
    std::string note;
    timestamp from{};
    timestamp to{};
    std::uint64_t count = 0;
    double sum = 0;
    std::int64_t largest = 0;
    friend bool operator==(const summary&, const summary&) = default;
};
BOOST_DESCRIBE_STRUCT(summary, (), (note, from, to, count, sum, largest))

auto timed(const logs& all) {
    return weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(9ns));
}

}  // namespace

TEST_CASE("aggregate fills a described struct, by text keys", "[operators]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U, 4U);
    CAPTURE(seed);
    const logs all = random_logs(seed, {.partitions = 1 + seed % 3});
    const auto results =
        timed(all) | weir::key_by(&reading::note) | weir::window(weir::tumbling(10ns)) |
        weir::aggregate<summary>(weir::count(), weir::sum(&reading::value), weir::max(&reading::amount));
    const auto sink = weir::collect_stamped<summary>();
    const weir::graph what("summaries", results | weir::into(sink));
    const auto report = run_everywhere(what, seed, sink);

    std::map<std::pair<timestamp, std::string>, std::vector<reading>> windows;
    for (const auto& [record, at] : arrivals(all, 9ns)) {
        const auto start = floor10(at.time);
        if (at.watermark() == weir::time_lowest || start + 10ns > at.watermark()) {
            windows[{start, record.note}].push_back(record);
        }
    }
    std::vector<summary> wanted;
    for (const auto& [place, records] : windows) {
        summary each{place.second, place.first, place.first + 10ns, records.size(), exact_sum(records), -1000};
        for (const reading& record : records) each.largest = std::max(each.largest, record.amount);
        wanted.push_back(each);
    }
    std::sort(wanted.begin(), wanted.end(), [](const summary& left, const summary& right) {
        return std::pair{left.from, weir::stable_hash(left.note)} <
               std::pair{right.from, weir::stable_hash(right.note)};
    });
    std::vector<summary> got;
    for (const auto& each : report.output(sink)) got.push_back(each.record);
    CHECK(got == wanted);
    if (seed == 1) restore_everywhere(what, report, sink);
}

TEST_CASE("ordinary doubles are added in turn, so their sum is the same in every run", "[operators]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U, 4U);
    CAPTURE(seed);
    const logs all = random_logs(seed, {.partitions = 3});
    const auto results = timed(all) | weir::key_by(&reading::key) |
                         weir::window(weir::tumbling(10ns), weir::allowed_lateness(seed % 2 == 0 ? 4ns : 0ns)) |
                         weir::aggregate(weir::plain_sum(&reading::value), weir::last(&reading::note));
    const auto sink = weir::collect_stamped<weir::windowed<std::uint32_t, double, std::string>>();
    const weir::graph what("plain", results | weir::into(sink));
    const auto report = run_everywhere(what, seed, sink);
    if (seed == 2) restore_everywhere(what, report, sink);

    std::map<std::pair<timestamp, std::uint32_t>, double> sums;
    for (const auto& [record, at] : arrivals(all, 9ns)) {
        const auto start = floor10(at.time);
        if (at.watermark() == weir::time_lowest || start + 10ns > at.watermark())
            sums[{start, record.key}] += record.value;
    }
    std::size_t on_time = 0;
    for (const auto& [row, at] : report.output(sink)) {
        if (!at.at.from.triggered()) continue;  // an update
        ++on_time;
        CHECK(row.get<0>() == sums.at({row.start, row.key}));
    }
    CHECK(on_time == sums.size());
    // Merging panes of sliding windows must be the same in every run, too.
    const auto sliding = timed(all) | weir::key_by(&reading::key) | weir::window(weir::sliding(10ns, 3ns)) |
                         weir::aggregate(weir::plain_sum(&reading::value));
    const auto sums_sink = weir::collect_stamped<weir::windowed<std::uint32_t, double>>();
    run_everywhere(weir::graph("sliding", sliding | weir::into(sums_sink)), seed, sums_sink);
}

TEST_CASE("windows of windows: results are never late, updates need lateness of their own", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 7U));
    CAPTURE(seed);
    const logs all = random_logs(seed, {.records = 80, .partitions = 1 + seed % 3});
    using row = weir::windowed<std::uint32_t, std::uint64_t>;
    const auto inner = timed(all) | weir::key_by(&reading::key) |
                       weir::window(weir::tumbling(5ns), weir::allowed_lateness(seed % 2 == 0 ? 6ns : 0ns)) |
                       weir::aggregate(weir::count());
    const auto outer = inner | weir::key_by([](const row& each) { return each.key % 2; }) |
                       weir::window(weir::sliding(20ns, 10ns)) |
                       weir::named("outer", weir::aggregate(weir::sum([](const row& each) { return each.get<0>(); })));
    const auto sink = weir::collect_stamped<weir::windowed<std::uint32_t, std::uint64_t>>();
    const weir::graph what("nested", outer | weir::into(sink));
    const auto report = run_everywhere(what, seed, sink);
    if (seed % 2 == 1) CHECK(report.of("outer").late == 0);
    if (seed < 3) restore_everywhere(what, report, sink);
}

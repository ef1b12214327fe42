// SPDX-License-Identifier: Apache-2.0
#include <weir/windows/counting.hpp>

#include <map>

#include <weir/operators/aggregate.hpp>

#include "operators/open_windows_oracle.hpp"
#include "operators/window_check.hpp"

using namespace operators_test;

namespace {

using row = spoken_windows::row;

// Every `slide` records of a key its last `size`, in the order of arrival.
std::vector<weir::stamped<row>> by_counting(const logs& all, std::size_t size, std::size_t slide, std::size_t stage) {
    std::vector<weir::stamped<row>> made;
    std::map<std::uint32_t, std::vector<std::int64_t>> of_key;
    for (const auto& [record, at] : arrivals(all, weir::duration{4})) {
        auto& amounts = of_key[record.key];
        amounts.push_back(record.amount);
        if (amounts.size() % slide != 0) continue;
        std::vector<std::int64_t> last(amounts.end() - static_cast<std::ptrdiff_t>(std::min(size, amounts.size())),
                                       amounts.end());
        std::sort(last.begin(), last.end());
        made.push_back({row{record.key, weir::time_lowest, weir::time_highest, {last}},
                        caused(at.time, at, stage, 0)});
    }
    sort_by_turn(made);
    return made;
}
template <class Counting>
void check(std::uint64_t seed, const Counting& counting, std::size_t size, std::size_t slide) {
    INFO("size " << size << ", slide " << slide);
    logs all = random_logs(seed, {.records = 70, .partitions = 1 + seed % 3});
    number_amounts(all);
    const auto results = weir::memory_partitions(all) |
                         weir::event_time(&reading::at, weir::out_of_order(weir::duration{4})) |
                         weir::key_by(&reading::key) | weir::window(counting) |
                         weir::named("windows", weir::aggregate(gathered{}));
    const auto sink = weir::collect_stamped<row>();
    const auto late = weir::collect_stamped<reading>();
    const weir::graph what("counting", results | weir::into(sink), weir::late(results) | weir::into(late));
    const auto report = run_everywhere(what, seed, sink, late);
    REQUIRE(difference(by_counting(all, size, slide, what.number_of(results.from().get())), report.output(sink)) == "");
    CHECK(report.of("windows").late == 0);
    CHECK(report.of("windows").results == 0);  // nothing at the end of input
    for (const auto& each : report.stages) CHECK((each.name != "windows" || each.state.keys == 0));
    if (seed % 4 == 0) restore_everywhere(what, report, sink, late);
}

}  // namespace

TEST_CASE("every so many records of a key its last ones, whatever their times", "[windows]") {
    const std::uint64_t seed = GENERATE(range(1U, 13U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const auto count = 1 + choose.below(7);
    check(seed, weir::counting(count), count, count);
    const auto slide = 1 + choose.below(5);
    const auto size = slide + choose.below(5);
    check(seed, weir::counting(size, slide), size, slide);
}

TEST_CASE("counts that make no sense are refused, and windows say what they are", "[windows]") {
    require_refused([] { static_cast<void>(weir::counting(0)); }, "at least one record");
    require_refused([] { static_cast<void>(weir::counting(0, 1)); }, "at least one record");
    require_refused([] { static_cast<void>(weir::counting(1, 0)); }, "at least one record");
    require_refused([] { static_cast<void>(weir::counting(2, 3)); }, "would lose records");
    CHECK(weir::counting(3).text() == "global after 3 without end discarding");
    CHECK(weir::counting(5, 2).text() == "global after 2 without end evicting all but 5");
}

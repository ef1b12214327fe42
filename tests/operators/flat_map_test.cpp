// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/flat_map.hpp>

#include <ranges>
#include <span>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/into.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

TEST_CASE("flat_map appends an index to each record's turn", "[operators]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    const logs all = random_logs(seed, {.partitions = 2});
    const auto sink = weir::collect_stamped<std::string>();
    const auto copies = [](const reading& each) { return std::vector<std::string>(each.key % 3, each.note); };
    const auto letters = [](const std::string& text) {
        return std::vector<std::string>{text + "a", text + "b", text + "c"};
    };
    const auto parts = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(5ns)) |
                       weir::flat_map(copies) | weir::flat_map(letters) |
                       weir::filter([](const std::string& each) { return each.back() != 'b'; });
    const weir::graph what("flat", parts | weir::named("flat", weir::into(sink)));
    const auto report = run_everywhere(what, seed, sink);
    if (seed == 1) restore_everywhere(what, report, sink);

    std::vector<weir::stamped<std::string>> wanted;
    std::uint64_t in = 0;
    std::uint64_t filtered = 0;
    for (const auto& [record, at] : arrivals(all, 5ns)) {
        if (record.key % 3 == 0) ++in, ++filtered;
        for (std::uint32_t copy = 0; copy < record.key % 3; ++copy) {
            for (std::uint32_t letter = 0; letter < 3; ++letter) {
                ++in;
                if (letter == 1) {
                    ++filtered;
                    continue;
                }
                weir::stamp part = at;
                part.at.tail.push_back(copy);
                part.at.tail.push_back(letter);
                wanted.push_back({record.note + "abc"[letter], part});
            }
        }
    }
    REQUIRE(difference(wanted, report.output(sink)) == "");
    CHECK(report.of("flat") == weir::ledger{.in = in, .accepted = wanted.size(), .filtered = filtered});
}

TEST_CASE("flat_map before event_time: each part is a record of the log", "[operators]") {
    const auto sink = weir::collect_stamped<timestamp>();
    const auto times = weir::memory(std::vector<int>{10, 30, 20}) |
                       weir::flat_map([](int at) { return std::array{nanosecond(at), nanosecond(at + 5)}; }) |
                       weir::event_time([](timestamp at) { return at; }, weir::out_of_order(5ns));
    const weir::graph what("flat", times | weir::into(sink));
    const auto report = run_everywhere(what, 1, sink);
    restore_everywhere(what, report, sink);
    std::vector<std::int64_t> watermarks;
    for (const auto& each : report.output(sink)) watermarks.push_back(each.at.watermark().time_since_epoch().count());
    const auto lowest = weir::time_lowest.time_since_epoch().count();
    CHECK(watermarks == std::vector<std::int64_t>{lowest, 5, 10, 25, 30, 30});
}

TEST_CASE("flat_map takes apart only what is its own", "[operators]") {
    const auto table = std::make_shared<std::vector<std::string>>(
        std::vector<std::string>{"a string that lives on the heap, one", "a string that lives on the heap, two"});
    const auto before = *table;
    const auto take = [](std::string&& each) { return std::move(each); };
    const auto check = [&](auto function) {
        const auto sink = weir::collect<std::string>();
        const auto parts = weir::memory(std::vector{1, 2}) | weir::flat_map(function) | weir::map(take);
        const auto report = run_everywhere(weir::graph("owned", parts | weir::into(sink)), 1);
        CHECK(report.output(sink) == std::vector<std::string>{before[0], before[1], before[0], before[1]});
        CHECK(*table == before);
    };
    check([table](int) { return std::span<std::string>(*table); });
    check([table](int) { return std::ranges::ref_view(*table); });
    check([table](int) { return std::views::all(*table) | std::views::take(2); });
    check([table](int) -> std::vector<std::string>& { return *table; });
    check([table](int) -> const std::vector<std::string>& { return *table; });
    check([table](int) { return *table; });
    check([table](int) { return *table | std::views::transform([](const std::string& each) { return each; }); });

    // Elements of a container of its own are moved: there is no other way for these.
    const auto sink = weir::collect<int>();
    const auto owned = weir::memory(std::vector{1, 2}) | weir::flat_map([](int each) {
                           std::vector<std::unique_ptr<int>> made;
                           made.push_back(std::make_unique<int>(each * 10));
                           return made;
                       }) |
                       weir::map([](std::unique_ptr<int>&& each) { return *each; });
    CHECK(run_everywhere(weir::graph("moved", owned | weir::into(sink)), 1).output(sink) == std::vector{10, 20});
}

// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/map.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {
struct whole {  // can be moved, not copied
    std::unique_ptr<int> value;
};
}  // namespace

TEST_CASE("map gives each record and keeps its stamp", "[operators]") {
    const std::uint64_t seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    const logs all = random_logs(seed, {.partitions = 3});
    const auto sink = weir::collect_stamped<std::string>();
    const auto notes = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(5ns)) |
                       weir::map([](const reading& each) { return std::pair{each.key, each.note}; }) |
                       weir::map([](std::pair<std::uint32_t, std::string>&& each) {
                           return std::to_string(each.first) + std::move(each.second);
                       });
    const weir::graph what("map", notes | weir::into(sink));
    const auto report = run_everywhere(what, seed, sink);
    if (seed == 1) restore_everywhere(what, report, sink);
    std::vector<weir::stamped<std::string>> wanted;
    for (const auto& [record, at] : arrivals(all, 5ns)) {
        wanted.push_back({std::to_string(record.key) + record.note, at});
    }
    REQUIRE(difference(wanted, report.output(sink)) == "");
}

TEST_CASE("map may look at the stamp, a member, or no time at all", "[operators]") {
    const readings records{make_reading(1, 10), make_reading(2, 30), make_reading(3, 20)};
    const auto watermarks = weir::collect<timestamp>();
    const auto amounts = weir::collect<std::int64_t>();
    const auto timed = weir::memory(records) | weir::event_time(&reading::at, weir::out_of_order(5ns));
    const weir::graph what("map", timed | weir::map([](const reading&, const weir::stamp_view& at) {
                                      return at.watermark();
                                  }) | weir::into(watermarks),
                           weir::memory(records) | weir::map(&reading::amount) | weir::into(amounts));
    for (const named_plan& each : every_runner()) {
        INFO(each.name);
        weir::testing::simulation where(1);
        const auto report = weir::detail::run_graph(what, each.how, where);
        CHECK(report.output(watermarks) == std::vector{weir::time_lowest, nanosecond(5), nanosecond(25)});
        CHECK(report.output(amounts) == std::vector<std::int64_t>{1, 1, 1});
        CHECK(report.balanced());
    }
}

TEST_CASE("map takes records that can only be moved", "[operators]") {
    const auto sink = weir::collect<int>();
    const auto numbers =
        weir::generate(20, [](std::uint64_t i) { return whole{std::make_unique<int>(static_cast<int>(i))}; }) |
        weir::map([](whole&& each) { return whole{std::move(each.value)}; }) |
        weir::map([](whole&& each) { return *each.value; });
    std::vector<int> wanted;
    for (int i = 0; i < 20; ++i) wanted.push_back(i);
    CHECK(weir::run(weir::graph("moved", numbers | weir::into(sink)), weir::batch{.chunk = 7}).output(sink) == wanted);
    CHECK(weir::run(weir::graph("moved", numbers | weir::into(sink)), weir::event_loop{}).output(sink) == wanted);
}

TEST_CASE("map that takes records apart gets copies where others need them", "[operators]") {
    const readings all = random_logs(1, {})[0];
    const auto source = weir::memory(all);
    const auto notes = weir::collect<std::string>();
    const auto whole = weir::collect<reading>();
    const auto take = [](reading&& each) -> std::string&& { return std::move(each.note); };
    const weir::graph what("apart", source | weir::map(take) | weir::into(notes), source | weir::into(whole));
    const auto report = weir::run(what, weir::batch{.chunk = 7});
    CHECK(report.output(whole) == all);
    REQUIRE(report.output(notes).size() == all.size());
    for (std::size_t i = 0; i < all.size(); ++i) REQUIRE(report.output(notes)[i] == all[i].note);
}

TEST_CASE("map on nothing gives nothing", "[operators]") {
    const auto sink = weir::collect_stamped<int>();
    const auto none = weir::memory(std::vector<int>{}) | weir::map([](int each) { return each; });
    CHECK(run_everywhere(weir::graph("none", none | weir::into(sink)), 1, sink).output(sink).empty());
}

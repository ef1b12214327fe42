// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/join_by_origin.hpp>

#include <map>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct tally {
    std::int64_t seen = 0;
};
BOOST_DESCRIBE_STRUCT(tally, (), (seen))
using pair_type = weir::joined<std::int64_t, std::string>;

}  // namespace

TEST_CASE("join_by_origin pairs what two branches made of one record", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 10U));
    CAPTURE(seed);
    const logs all = random_logs(seed, {.records = seed == 9 ? 0U : 80U, .partitions = 1 + seed % 3});
    const auto copies = [](const reading& each) { return std::vector(each.key % 3, each); };
    const auto source =
        weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(9ns)) | weir::flat_map(copies);
    const auto left = source | weir::key_by(&reading::key) |
                      weir::process<tally, std::int64_t>([](auto& context, const reading& each, tally& state) {
                          context.emit(++state.seen);
                          if (each.amount % 5 == 0) context.emit(-state.seen);
                      });
    const auto right = source | weir::filter([](const reading& each) { return each.amount % 3 != 0; }) |
                       weir::key_by([](const reading& each) { return each.amount % 4; }) |
                       weir::process<tally, std::string>([](auto& context, const reading& each, tally& state) {
                           if (++state.seen % 5 != 0) context.emit(each.note + std::to_string(state.seen));
                           if (each.amount % 10 == 0) context.emit("second of " + std::to_string(state.seen));
                       });
    const auto pairs = weir::join_by_origin(left, right | weir::map([](std::string each) { return each + "!"; }));
    const auto sink = weir::collect_stamped<pair_type>();
    const weir::graph what("join", pairs | weir::into(sink));
    const auto report = run_everywhere(what, seed, sink);

    const auto place = static_cast<std::uint32_t>(what.number_of(pairs.from().get()));
    std::vector<weir::stamped<pair_type>> wanted;
    std::map<std::uint32_t, std::int64_t> left_seen;
    std::map<std::int64_t, std::int64_t> right_seen;
    std::uint64_t made = 0;
    for (const auto& [record, at] : arrivals(all, 9ns)) {
        if (at.time < at.watermark()) continue;
        for (std::uint32_t copy = 0; copy < record.key % 3; ++copy) {
            std::vector<std::int64_t> lefts{++left_seen[record.key]};
            if (record.amount % 5 == 0) lefts.push_back(-lefts[0]);
            std::vector<std::string> rights;
            if (record.amount % 3 != 0) {
                const auto seen = ++right_seen[record.amount % 4];
                if (seen % 5 != 0) rights.push_back(record.note + std::to_string(seen) + "!");
                if (record.amount % 10 == 0) rights.push_back("second of " + std::to_string(seen) + "!");
            }
            made += lefts.size() + rights.size();
            weir::stamp origin = at;
            origin.at.tail.push_back(copy);
            for (std::size_t i = 0; i < std::min(lefts.size(), rights.size()); ++i) {
                wanted.push_back({{lefts[i], rights[i]}, origin});
                wanted.back().at.at.tail.push_back(weir::tail_word::result_of(place, static_cast<std::uint32_t>(i)));
            }
        }
    }
    REQUIRE(difference(wanted, report.output(sink)) == "");
    const auto& counts = report.stages[what.number_of(pairs.from().get())].counts;
    CHECK(counts == weir::ledger{.in = made,
                                 .accepted = 2 * wanted.size(),
                                 .filtered = made - 2 * wanted.size(),
                                 .results = wanted.size()});
    if (seed % 4 == 1) restore_everywhere(what, report, sink);
}

TEST_CASE("halves of logs without time pair, too", "[operators]") {
    const auto numbers = weir::memory_partitions(std::vector{std::vector{1, 2, 3, 4, 5, 6, 7}, std::vector{8, 9}});
    const auto even = numbers | weir::filter([](int each) { return each % 2 == 0; });
    const auto small =
        numbers | weir::filter([](int each) { return each < 9; }) | weir::map([](int each) { return each * 100; });
    const auto sink = weir::collect<weir::joined<int, int>>();
    const auto report = run_everywhere(weir::graph("plain", weir::join_by_origin(even, small) | weir::into(sink)), 1);
    CHECK(report.output(sink) == std::vector<weir::joined<int, int>>{{2, 200}, {4, 400}, {6, 600}, {8, 800}});
}

TEST_CASE("a branch joined with itself gives every record twice", "[operators]") {
    const readings all = random_logs(3, {})[0];
    const auto timed = weir::memory(all) | weir::event_time(&reading::at, weir::out_of_order(9ns));
    const auto sink = weir::collect_stamped<weir::joined<reading, reading>>();
    const auto report =
        run_everywhere(weir::graph("self", weir::join_by_origin(timed, timed) | weir::into(sink)), 3, sink);
    REQUIRE(report.output(sink).size() == all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        CHECK(report.output(sink)[i].record == weir::joined<reading, reading>{all[i], all[i]});
    }
}

TEST_CASE("a join and a merge have names, too", "[operators]") {
    const auto numbers = weir::memory(std::vector{1, 2, 3});
    const auto even = numbers | weir::filter([](int each) { return each % 2 == 0; });
    const auto pairs = weir::named("pairs", weir::join_by_origin(numbers, even));
    const auto both = weir::named("both", weir::merge(numbers, even));
    const auto sink = weir::collect<weir::joined<int, int>>();
    const auto merged_sink = weir::collect<int>();
    const auto report =
        run_everywhere(weir::graph("named", pairs | weir::into(sink), both | weir::into(merged_sink)), 1);
    CHECK(report.of("pairs") == weir::ledger{.in = 6, .accepted = 2, .filtered = 4, .results = 1});
    CHECK(report.of("both").results == 4);
    require_refused([&] { static_cast<void>(weir::named("numbers", numbers)); }, "is for join_by_origin and merge");
}

TEST_CASE("a side without any partition pairs with nothing", "[operators]") {
    const auto left = weir::memory_partitions(std::vector{std::vector{1, 2, 3}, std::vector{4}});
    const auto none = weir::memory_partitions(std::vector<std::vector<int>>{});
    const auto sink = weir::collect<weir::joined<int, int>>();
    const auto pairs = weir::named("pairs", weir::join_by_origin(left, none));
    const auto report = run_everywhere(weir::graph("none", pairs | weir::into(sink)), 1);
    CHECK(report.output(sink).empty());
    CHECK(report.of("pairs") == weir::ledger{.in = 4, .filtered = 4});
}

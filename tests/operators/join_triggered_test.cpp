// SPDX-License-Identifier: Apache-2.0
// join_by_origin behind windows: what two branches made of one window's result. Its turn holds words of the key, which
// must not be taken for those that stages append.
#include <weir/aggregates/count.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/process.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct tally {
    std::uint64_t seen = 0;
};
BOOST_DESCRIBE_STRUCT(tally, (), (seen))
using row = weir::windowed<std::string, std::uint64_t>;

}  // namespace

TEST_CASE("results of windows are paired, whatever letters their keys begin with", "[operators]") {
    const std::string prefix = GENERATE("", "key ", "\xC3\xA9t\xC3\xA9 ");
    const std::uint64_t seed = GENERATE(1U, 2U);
    CAPTURE(prefix, seed);
    const logs all = random_logs(seed, {.records = 60, .partitions = 2});
    const auto rows = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(9ns)) |
                      weir::key_by([prefix](const reading& each) { return prefix + std::to_string(each.key); }) |
                      weir::window(weir::tumbling(10ns)) | weir::aggregate(weir::count());
    const auto numbered = rows | weir::key_by([](const row& each) { return each.get<0>(); }) |
                          weir::process<tally>([](auto&, const row&, tally& state) { return ++state.seen; });
    const auto pairs = weir::join_by_origin(rows | weir::map([](const row& each) { return each.key; }), numbered);
    const auto row_sink = weir::collect_stamped<row>();
    const auto sink = weir::collect_stamped<weir::joined<std::string, std::uint64_t>>();
    const weir::graph what("pairs", rows | weir::into(row_sink), pairs | weir::into(sink));
    const auto report = run_everywhere(what, seed, row_sink, sink);
    if (seed == 1) restore_everywhere(what, report, row_sink, sink);
    const auto& results = report.output(row_sink);
    const auto place = static_cast<std::uint32_t>(what.number_of(pairs.from().get()));
    REQUIRE(report.output(sink).size() == results.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
        REQUIRE(report.output(sink)[i].record.left == results[i].record.key);
        weir::stamp wanted = results[i].at;
        wanted.at.tail.push_back(weir::tail_word::result_of(place, 0));
        REQUIRE(report.output(sink)[i].at == wanted);
    }
}

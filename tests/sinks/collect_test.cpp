// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <weir/operators/filter.hpp>
#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sources/memory.hpp>

namespace {

struct item {
    int id = 0;
    friend bool operator==(const item&, const item&) = default;
};
BOOST_DESCRIBE_STRUCT(item, (), (id))

struct undescribed {
    int id = 0;
};

}  // namespace

TEST_CASE("collect keeps records in turn, anew for each run") {
    auto sink = weir::collect<item>();
    const weir::graph what("g", weir::memory<item>({{1}, {2}, {3}}) | weir::into(sink));
    const std::vector<item> expected{{1}, {2}, {3}};
    CHECK(weir::run(what, weir::batch{}).output(sink) == expected);
    CHECK(weir::run(what, weir::event_loop{}).output(sink) == expected);
    const auto report = weir::run(what, weir::micro_batch{.max_records = 2});
    CHECK(report.output(sink) == expected);
    CHECK(report.stages.back().counts.accepted == 3);
}

TEST_CASE("two copies of a collect sink are one, and another sink has no output in this run") {
    auto sink = weir::collect<item>();
    const auto copy = sink;
    const auto report = weir::run(weir::graph("g", weir::memory<item>({{1}}) | weir::into(sink)), weir::batch{});
    CHECK(report.output(copy).size() == 1);
    CHECK_THROWS_WITH(report.output(weir::collect<item>()), "this sink was not part of the graph that ran");
    const auto source = weir::memory<item>({{1}});
    CHECK_THROWS_AS(weir::graph("g", source | weir::into(sink), source | weir::into(copy)), weir::error);
}

TEST_CASE("collect_stamped keeps the stamps") {
    auto sink = weir::collect_stamped<item>();
    const auto odd = [](const item& each) { return each.id % 2 == 1; };
    const weir::graph what("g", weir::memory<item>({{1}, {2}, {3}}) | weir::filter(odd) | weir::into(sink));
    const auto found = weir::run(what, weir::batch{}).output(sink);
    REQUIRE(found.size() == 2);
    CHECK(found[1].record == item{3});
    CHECK(found[1].at.at == weir::turn{weir::time_lowest, weir::lane::partition(0), 2, {}});
}

TEST_CASE("what was collected is part of a snapshot, if it can be stored") {
    const auto how = weir::detail::plan_of(weir::batch{.chunk = 1});
    auto sink = weir::collect<item>();
    const weir::graph what("g", weir::memory<item>({{1}, {2}, {3}}) | weir::into(sink));
    weir::job first(what, how, weir::machine());
    first.advance(2);
    weir::job second(what, how, weir::machine(), first.snapshot());
    second.run_to_end();
    CHECK(second.finish().output(sink) == std::vector<item>{{1}, {2}, {3}});

    const weir::graph other("g", weir::memory<undescribed>({{1}}) | weir::into(weir::collect<undescribed>()));
    weir::job unstorable(other, how, weir::machine());
    unstorable.advance(1);
    CHECK_THROWS_WITH(unstorable.snapshot(), Catch::Contains("describe them with BOOST_DESCRIBE_STRUCT"));
}

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

TEST_CASE("what was collected goes into a checkpoint once") {
    using sink_type = decltype(weir::collect<item>());
    using stage = weir::detail::sink_stage<item, sink_type>;
    const auto sink = weir::collect<item>();
    weir::run_outputs outputs;
    weir::stage_site site;
    site.outputs = &outputs;
    const auto make = [&] { return std::make_unique<stage>(sink, weir::sink_site{site, nullptr, nullptr, {}}); };
    const auto collected = [&] { return *static_cast<std::vector<item>*>(outputs.values.back().second.get()); };
    const auto take = [](stage& to, int from, int end) {
        weir::chunk<item> records;
        for (int i = from; i < end; ++i) records.push(item{i});
        to.run<0>(records, 0, records.size(), weir::chain<>{});
    };
    const auto go_on = [&](const weir::state_batch& from) {
        auto made = make();
        for (std::size_t i = 0; i < from.size(); ++i) {
            weir::binary_reader key{from[i].key};
            weir::binary_reader value{from[i].value};
            made->load_entry(from[i].shard, key, value);
        }
        return made;
    };
    const auto first = make();
    weir::state_batch all;
    take(*first, 0, 300);
    first->save_changes(all, true);
    const std::size_t bytes = all.bytes();
    for (int i = 300; i < 600; i += 3) {
        take(*first, i, i + 3);
        first->save_changes(all, false);
    }
    CHECK(all.bytes() - bytes < 100 * (3 * sizeof(int) + 100));
    all.sort();
    CHECK(all.size() == 102);
    const auto expected = collected();
    CHECK(expected.size() == 600);
    const auto second = go_on(all);
    CHECK(collected() == expected);
    CHECK(second->counts.accepted == 600);
    weir::state_batch anew;
    second->save_changes(anew, false);
    CHECK(anew.size() == 1);
    take(*second, 600, 601);
    second->save_changes(anew, true);
    anew.sort();
    go_on(anew);
    CHECK(collected().size() == 601);
    weir::state_batch gap;
    first->save_changes(gap, false);
    take(*first, 600, 602);
    first->save_changes(gap, false);
    CHECK_THROWS_WITH(go_on(gap), Catch::Contains("a part of what was collected is lost"));
}

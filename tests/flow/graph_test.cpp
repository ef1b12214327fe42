// SPDX-License-Identifier: Apache-2.0
// What is checked when a graph is built, and what a graph shares.
#include <catch2/catch.hpp>

#include <atomic>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/process.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/memory.hpp>

namespace {

struct item {
    int id = 0;
    friend bool operator==(const item&, const item&) = default;
};
BOOST_DESCRIBE_STRUCT(item, (), (id))

struct total {
    int sum = 0;
};
BOOST_DESCRIBE_STRUCT(total, (), (sum))

auto items() { return weir::memory<item>({{1}, {2}, {3}}); }
auto timed(const char* name) {
    return weir::named(name,
                       weir::event_time([](const item& each) { return weir::timestamp{std::chrono::seconds{each.id}}; },
                                        weir::out_of_order(std::chrono::seconds{0})));
}
template <class Build> std::string refusal(Build build) {
    try {
        build();
    } catch (const weir::error& problem) {
        CHECK(problem.kind() == weir::error_kind::configuration);
        return problem.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("nodes are numbered upstream first, in the order of the outputs") {
    const auto source = items();
    const auto stage = source | timed("clock");
    const weir::graph what("g", stage | weir::into(weir::collect<item>()), source | weir::into(weir::collect<item>()));
    REQUIRE(what.nodes().size() == 4);
    CHECK(what.label(0) == "#0 memory");
    CHECK(what.label(1) == "#1 event_time 'clock'");
    CHECK(what.label(2) == "#2 collect");
    CHECK(what.number_of(stage.from().get()) == 1);
    CHECK_THROWS_AS(what.number_of(items().from().get()), weir::error);
}

TEST_CASE("one file has one sink") {
    const auto source = items();
    CHECK(refusal([&] {
              weir::graph("g", source | weir::into(weir::csv("out.csv")), source | weir::into(weir::csv("out.csv")));
          }) == "graph 'g' has two sinks for the file 'out.csv': merge the streams, or write two files");
    CHECK_NOTHROW(weir::graph("g", source | weir::into(weir::csv("a.csv")), source | weir::into(weir::csv("b.csv"))));
}

TEST_CASE("a name belongs to one stage") {
    const auto source = items();
    CHECK(refusal([&] {
              weir::graph("g", source | timed("clock") | weir::into(weir::collect<item>()),
                          source | timed("clock") | weir::into(weir::collect<item>()));
          }) == "graph 'g' has two stages named 'clock': a name is the identity of a stage's state, use it once");
    const auto once = source | timed("clock");
    CHECK_NOTHROW(weir::graph("g", once | weir::into(weir::collect<item>()), once | weir::into(weir::collect<item>())));
}

TEST_CASE("a graph has an output") {
    CHECK(refusal([] { weir::graph("g", std::vector<weir::output>{}); }) ==
          "graph 'g' has no output: end a stream with into(sink)");
}

TEST_CASE("records that cannot be copied have one consumer") {
    const auto source = weir::generate(3, [](std::uint64_t index) { return std::make_unique<std::uint64_t>(index); });
    const auto sink = [] { return weir::into(weir::for_each([](std::unique_ptr<std::uint64_t>) {})); };
    CHECK_NOTHROW(weir::graph("g", source | sink()));
    CHECK(refusal([&] { weir::graph("g", source | sink(), source | sink()); }) ==
          "the records of #0 generate cannot be copied, but two stages use them: make them copyable, or use the "
          "stream once");
}

TEST_CASE("a stage that is used twice runs once, its pure steps as often as they are used") {
    std::atomic<int> keyed{0};
    std::atomic<int> mapped{0};
    const auto count = [&keyed](auto&, const item& each, total& state) {
        ++keyed;
        state.sum += each.id;
        return item{state.sum};
    };
    const auto results =
        items() | weir::key_by([](const item&) { return 0; }) | weir::named("count", weir::process<total>(count));
    const auto stream = results | weir::map([&mapped](const item& each) {
                            ++mapped;
                            return item{each.id * 10};
                        });
    auto first = weir::collect<item>();
    auto second = weir::collect<item>();
    const auto report =
        weir::run(weir::graph("g", stream | weir::into(first), stream | weir::into(second)), weir::batch{});
    CHECK(keyed == 3);
    CHECK(mapped == 6);
    CHECK(report.output(first) == std::vector<item>{{10}, {30}, {60}});
    CHECK(report.output(second) == report.output(first));
    CHECK(report.of("count").results == 3);
    CHECK(report.balanced());
}

TEST_CASE("a graph is a value: every run starts from nothing") {
    auto sink = weir::collect<item>();
    const auto sum = [](auto&, const item& each, total& state) { return item{state.sum += each.id}; };
    const auto results = items() | weir::key_by([](const item&) { return 0; }) | weir::process<total>(sum);
    const weir::graph what("g", results | weir::into(sink));
    const weir::graph copy = what;
    CHECK(weir::run(what, weir::batch{}).output(sink) == std::vector<item>{{1}, {3}, {6}});
    CHECK(weir::run(copy, weir::event_loop{}).output(sink) == std::vector<item>{{1}, {3}, {6}});
}

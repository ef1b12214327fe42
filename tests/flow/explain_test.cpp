// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <weir/flow/explain.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sources/csv.hpp>
#include <weir/sources/memory.hpp>

namespace {

struct item {
    int id = 0;
    weir::timestamp at{};
};
BOOST_DESCRIBE_STRUCT(item, (), (id, at))

struct total {
    int sum = 0;
};

auto clock_of() { return weir::event_time(&item::at, weir::out_of_order(std::chrono::seconds{5})); }
auto summing() {
    return weir::process<total>(
        [](auto&, const item& each, total& state) { return item{state.sum += each.id, each.at}; });
}

// Stands for what a later operator will be: a stage that says that it is no function of its logs.
class guessing final : public weir::node {
  public:
    template <class S> explicit guessing(const S& source) : node("guess", {}, weir::spread::per_channel) {
        add_input(source.input());
    }
    [[nodiscard]] std::string non_deterministic() const override { return "asks a \"dice\""; }
    [[nodiscard]] std::unique_ptr<weir::stage> make(const weir::stage_site&) const override { return nullptr; }
    void attach(std::size_t, weir::outlet_base&, weir::stage&, std::size_t, weir::gate*) const override {}
};

weir::graph spending() {
    const auto source = weir::csv_files<item>("2025/*.csv", weir::dead_letter(weir::csv("bad.csv")));
    const auto positive = [](const item& each) { return each.id > 0; };
    const auto same = [](const item& each) { return each; };
    const auto results = source | weir::filter(positive) | weir::map(same) | clock_of() | weir::key_by(&item::id) |
                         weir::named("spending", summing());
    return weir::graph("spending", results | weir::map(same) | weir::into(weir::csv("out.csv")),
                       weir::late(results) | weir::into(weir::csv("late.csv")));
}

}  // namespace

TEST_CASE("explain says how a graph will run") {
    CHECK(weir::explain(spending()) == R"(graph 'spending'

#0 csv_files: 2025/*.csv
    gives one log, in turn

#1 event_time
    <- #0 filter map
    takes records as they come
    gives in turn

#2 process 'spending': by id
    <- #1
    takes records in turn; with threads > 1 exchanged by key
    gives in turn; with threads > 1 in turn per worker

#3 csv: out.csv
    <- #2 map
    takes records in turn; with threads > 1 exchanged to one worker
    holds with threads > 1 records until every other channel's next record or progress mark has passed them

#4 csv: late.csv
    <- #2 late
    takes records in turn; with threads > 1 exchanged to one worker
    holds with threads > 1 records until every other channel's next record or progress mark has passed them

#5 csv: bad.csv
    <- #0 unreadable
    takes records in turn; with threads > 1 exchanged to one worker

non-deterministic points: none
)");
}

TEST_CASE("explain shows what several logs cost") {
    const auto source = weir::memory_partitions<item>({{}, {}}) | clock_of();
    const auto both = weir::merge(source, weir::memory<item>({}) | clock_of());
    const std::string text =
        weir::explain(weir::graph("g", both | weir::key_by(&item::id) | summing() | weir::into(weir::collect<item>())));
    CHECK_THAT(text, Catch::Contains("gives several logs, in turn per partition"));
    CHECK_THAT(
        text, Catch::Contains("    <- #1\n    <- #3\n    takes records as they come\n    gives in turn per channel\n"));
    CHECK_THAT(text, Catch::Contains("    holds records until every other channel's next record or progress mark has "
                                     "passed them\n"));
}

TEST_CASE("a graph as a picture") {
    const std::string dot = weir::explain_dot(spending());
    CHECK_THAT(dot, Catch::StartsWith("digraph \"spending\" {\n"));
    CHECK_THAT(dot, Catch::EndsWith("}\n"));
    CHECK_THAT(dot, Catch::Contains("(dashed: exchange between workers)\\nnon-deterministic points: none\";"));
    CHECK_THAT(dot, Catch::Contains("n0 -> n1 [label=\"  filter map\\n  one log, in turn\"];"));
    CHECK_THAT(dot, Catch::Contains("n1 -> n2 [label=\"  in turn\\n  exchanged by key\", style=dashed];"));
    const std::string per_worker = "in turn; with threads > 1 in turn per worker\\n  exchanged to one worker";
    CHECK_THAT(dot, Catch::Contains("n2 -> n3 [label=\"  map\\n  " + per_worker + "\", style=dashed];"));
    CHECK_THAT(dot, Catch::Contains("n2 -> n4 [label=\"  late\\n  " + per_worker + "\", style=dashed];"));
    CHECK_THAT(dot, Catch::Contains("label=\"#2 process 'spending'\\nby id\""));
    CHECK_THAT(dot, Catch::Contains("label=\"#3 csv\\nout.csv\\nholds with threads > 1 records\\n"));
}

TEST_CASE("what is no function of the logs is named in the text and in the picture") {
    const auto source = weir::memory<item>({}) | clock_of();
    const weir::any_stream<item> guessed{std::make_shared<guessing>(source), 0};
    const weir::graph what("guess", guessed | weir::map([](const item& each) { return each; }) |
                                        weir::into(weir::collect<item>()));
    CHECK_THAT(weir::explain(what), Catch::EndsWith("\nnon-deterministic points:\n    #2 guess: asks a \"dice\"\n"));
    const std::string dot = weir::explain_dot(what);
    CHECK_THAT(dot, Catch::Contains("non-deterministic points:\\n#2 guess: asks a \\\"dice\\\"\";"));
    CHECK_THAT(dot, Catch::Contains("#2 guess\\nnot deterministic: asks a \\\"dice\\\"\", fillcolor=\"#ffffff\", "
                                    "color=\"#c0392b\""));
}

TEST_CASE("names cannot break the picture") {
    const weir::graph what("a\"b\\c\n", weir::memory<item>({}) | weir::named("x\"y\\\t", clock_of()) |
                                            weir::into(weir::csv("out\"\\.csv")));
    const std::string dot = weir::explain_dot(what);
    CHECK_THAT(dot, Catch::Contains("digraph \"a\\\"b\\\\c\\n\" {"));
    CHECK_THAT(dot, Catch::Contains("#1 event_time 'x\\\"y\\\\'"));
    CHECK_THAT(dot, Catch::Contains("out\\\"\\\\.csv"));
}

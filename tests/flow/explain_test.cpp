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
#include <weir/sinks/csv_rolling.hpp>
#include <weir/sinks/csv_stdout.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sinks/json_lines.hpp>
#include <weir/sinks/json_lines_rolling.hpp>
#include <weir/sinks/json_lines_stdout.hpp>
#include <weir/sinks/reply.hpp>
#include <weir/sources/csv.hpp>
#include <weir/sources/memory.hpp>
#include <weir/sources/push.hpp>
#include <weir/sources/requests.hpp>

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
    with checkpoints exactly once: what a run wrote after the last one is cut off, and written again

#4 csv: late.csv
    <- #2 late
    takes records in turn; with threads > 1 exchanged to one worker
    holds with threads > 1 records until every other channel's next record or progress mark has passed them
    with checkpoints exactly once: what a run wrote after the last one is cut off, and written again

#5 csv: bad.csv
    <- #0 unreadable
    takes records in turn; with threads > 1 exchanged to one worker
    with checkpoints exactly once: what a run wrote after the last one is cut off, and written again

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
    CHECK_THAT(dot, Catch::Contains("label=\"#5 csv\\nbad.csv\\nwith checkpoints exactly once\","));
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

namespace {

// What explain says of the last stage: a sink.
std::string promise_in(const weir::graph& what) {
    const std::string text = weir::explain(what);
    const std::size_t begin = text.find("    with checkpoints ");
    REQUIRE(begin != std::string::npos);
    const std::size_t end = text.find("\n\n", begin);
    return text.substr(begin, end - begin);
}
template <class Sink> std::string promise_of(const Sink& sink) {
    return promise_in(weir::graph("g", weir::memory<item>({}) | weir::into(sink)));
}

// A sink of somebody's own: its writer says nothing, so that it promises little.
struct silent_writer {
    void take(const item&, const weir::stamp_view&) {}
    void flush() {}
    void finish(bool) {}
};
// One whose writer is transactional and keeps the promise that it makes.
struct table_writer : silent_writer {
    std::unique_ptr<weir::sink_epoch> end_epoch(std::uint64_t, bool) { return nullptr; }
    void recover() {}
    void save(weir::binary_writer&) const {}
    void load(weir::binary_reader&) {}
    static weir::delivery promise() { return weir::delivery::exactly_once; }
};
static_assert(weir::transactional_writer<table_writer>);

template <class Writer>
struct own_sink : weir::sink_description {
    [[nodiscard]] static std::string kind() { return "own"; }
    template <std::same_as<item> V> [[nodiscard]] auto open(const weir::sink_site&) const {
        return std::make_unique<Writer>();
    }
};
// One whose options decide.
struct optional_sink : own_sink<table_writer> {
    bool transactions = true;
    [[nodiscard]] weir::delivery_promise promise() const {
        if (transactions) return weir::delivery::exactly_once;
        return {weir::delivery::at_least_once, "it was made without transactions"};
    }
};

}  // namespace

TEST_CASE("explain says what each sink promises over crashes, and why") {
    const std::string files =
        "    with checkpoints exactly once: what a run wrote after the last one is cut off, and written again";
    CHECK(promise_of(weir::csv("out.csv")) == files);
    CHECK(promise_of(weir::json_lines("out.jsonl.gz")) == files);
    CHECK(promise_of(weir::csv_rolling("out-*.csv", {.bytes = 1000})) == files);
    CHECK(promise_of(weir::json_lines_rolling("out-*.jsonl", {.bytes = 1000})) == files);
    CHECK(promise_of(weir::collect<item>()) == "    with checkpoints exactly once: the list is part of them");
    CHECK(promise_of(weir::collect_stamped<item>()) == "    with checkpoints exactly once: the list is part of them");
    const std::string standard_output = "    with checkpoints at least once: what was written since the last one is "
                                        "written again after a restart";
    CHECK(promise_of(weir::csv_stdout()) == standard_output);
    CHECK(promise_of(weir::json_lines_stdout()) == standard_output);
    CHECK(promise_of(weir::for_each([](const item&) {})) ==
          "    with checkpoints at least once: it is called again after a restart for what came since the last one");
    CHECK(promise_of(own_sink<silent_writer>{}) ==
          "    with checkpoints at least once: what came since the last one comes again after a restart");
    CHECK(promise_of(own_sink<table_writer>{}) ==
          "    with checkpoints exactly once: it holds what one run without a crash would hold");
    CHECK(promise_of(optional_sink{}) ==
          "    with checkpoints exactly once: it holds what one run without a crash would hold");
    CHECK(promise_of(optional_sink{{}, false}) ==
          "    with checkpoints at least once: it was made without transactions");
}

TEST_CASE("explain says of a sink which logs it may miss something of") {
    const auto asked = weir::requests<item, item>();
    CHECK(promise_in(weir::graph("g", asked | weir::reply(asked))) ==
          "    with checkpoints at most once: whoever waits is gone with the process, and what was asked is not asked "
          "again\n    never gets what is lost of #0");
    const auto both = weir::merge(weir::merge(weir::memory<item>({}) | clock_of(), weir::pushed<item>() | clock_of()),
                                  weir::pushed<item>() | clock_of());
    const std::string text = weir::explain(weir::graph("g", both | weir::into(weir::collect<item>()),
                                                       weir::memory<item>({}) | weir::into(weir::csv("others.csv"))));
    CHECK_THAT(text, Catch::Contains("the list is part of them\n    never gets what is lost of #2, #5\n\n"));
    CHECK_THAT(text, Catch::Contains("written again\n\nnon-deterministic"));
    CHECK_THAT(text, Catch::EndsWith("\nat most once from here, because it cannot be read again:\n    #2 pushed\n"
                                     "    #5 pushed\n"));
    CHECK_THAT(weir::explain_dot(weir::graph("g", asked | weir::reply(asked))),
               Catch::Contains("#1 reply\\nwith checkpoints at most once\""));
}

TEST_CASE("names cannot break the picture") {
    const weir::graph what("a\"b\\c\n", weir::memory<item>({}) | weir::named("x\"y\\\t", clock_of()) |
                                            weir::into(weir::csv("out\"\\.csv")));
    const std::string dot = weir::explain_dot(what);
    CHECK_THAT(dot, Catch::Contains("digraph \"a\\\"b\\\\c\\n\" {"));
    CHECK_THAT(dot, Catch::Contains("#1 event_time 'x\\\"y\\\\'"));
    CHECK_THAT(dot, Catch::Contains("out\\\"\\\\.csv"));
}

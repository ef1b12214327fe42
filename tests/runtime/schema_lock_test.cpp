// SPDX-License-Identifier: Apache-2.0
// Lock files: the text, what is said of changes, and what a build does with it.
#include <map>
#include <optional>
#include <rapidcheck.h>

#include <weir/aggregates/count.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/window.hpp>
#include <weir/runtime/schema_build.hpp>

#include "runtime/upgrade_support.hpp"

using namespace upgrade_test;
using weir::checkpointing;
using weir::compare_kept;
using weir::kept_stage;
using weir::kept_state;
using strings = std::vector<std::string>;

namespace {

struct seen {
    std::int32_t cents = 0;
    std::string note;
};
BOOST_DESCRIBE_STRUCT(seen, (), (cents, note))
struct velocity {
    std::int32_t count = 0;
    std::vector<seen> last;
    std::map<std::uint8_t, seen> by_size;
};
BOOST_DESCRIBE_STRUCT(velocity, (), (count, last, by_size))

template <class State> constexpr auto keep = [](auto&, const payment& each, State&) { return line{each.id, 0, 0}; };

template <class State> weir::graph velocities(const std::string& name = "job") {
    static probe at;
    return weir::graph(name, timed(at) | weir::key_by(&payment::card) |
                                 weir::named("velocity", weir::process<State>(keep<State>)) |
                                 weir::named("lines", weir::into(weir::collect<line>())));
}

constexpr const char* lock_of_velocities = R"(weir-schema 1
graph "job"

log "generate #1"
  kind "generate"

stage "lines"
  kind "collect"
  from "velocity.0"

stage "payments"
  kind "event_time"
  from "generate #1.0"

stage "velocity"
  kind "process"
  from "payments.0"
  keeps struct{
    key: u32
    state: struct{
      count: i32
      last: list<struct{
        cents: i32
        note: text
      }>
      by_size: map<u8,struct{
        cents: i32
        note: text
      }>
    }
  }
)";

std::string refusal_of(const std::string& text) {
    try {
        static_cast<void>(weir::parse_schema_lock(text, "a.lock"));
    } catch (const weir::error& wrong) {
        CHECK(wrong.kind() == weir::error_kind::input);
        return wrong.what();
    }
    return "read";
}

kept_state kept(std::vector<kept_stage> stages) { return {"job", std::move(stages)}; }
kept_stage process(const std::string& name, const std::string& state) {
    return {name, "process", "struct{key:u32,state:" + state + "}", false, 0, {"payments.0"}};
}

}  // namespace

TEST_CASE("a lock file has a line per field, and is read as it was written", "[runtime]") {
    const weir::graph what = velocities<velocity>();
    CHECK(weir::schema_lock(what) == lock_of_velocities);
    const kept_state read = weir::parse_schema_lock(lock_of_velocities, "a.lock");
    CHECK((read == weir::kept_by(what)));
    CHECK_FALSE(compare_kept(read, what, {}).any());
    // As some editor leaves it.
    std::string other = "# for people\n\n";
    for (const char each : std::string(lock_of_velocities)) {
        other += each == '\n' ? std::string(" \r\n") : std::string(1, each);
    }
    CHECK((weir::parse_schema_lock(other, "a.lock") == read));
}

TEST_CASE("a lock file that is none is a sentence with its line", "[runtime]") {
    const std::string graph = "weir-schema 1\ngraph \"job\"\n";
    CHECK(refusal_of(graph) == "read");
    CHECK(refusal_of("") == "'a.lock' line 0: it is no lock file: that begins with 'weir-schema 1'");
    CHECK(refusal_of("weir-schema x") == "'a.lock' line 1: it is no lock file: that begins with 'weir-schema 1'");
    CHECK(refusal_of("weir-schema 2\n") == "'a.lock' line 1: it was written by a newer version of weir: its format is "
                                           "2, and this one knows 1");
    CHECK(refusal_of("weir-schema 1\n") == "'a.lock' line 1: it does not say of which graph it is");
    CHECK(refusal_of(graph + "graph \"a\"") == "'a.lock' line 3: the graph has two names");
    CHECK(refusal_of(graph + "<<<<<<< HEAD\n") == "'a.lock' line 3: '<<<<<<< HEAD' says nothing that is known here");
    CHECK(refusal_of(graph + "\nstage a\n") == "'a.lock' line 4: behind 'stage' there must be a text in quotes");
    CHECK(refusal_of(graph + "stage \"a\n") == "'a.lock' line 3: the text in quotes must end with the line");
    CHECK(refusal_of(graph + "stage \"a\" b\n") == "'a.lock' line 3: the text in quotes must end with the line");
    CHECK(refusal_of(graph + "stage \"\\n\"\n") == "'a.lock' line 3: behind a backslash there must be a quote, a "
                                                   "backslash, or x and two hexadecimal digits");
    const std::string stage = graph + "stage \"a\"\n";
    CHECK(refusal_of(stage + "from \"b.0\"\n") == "'a.lock' line 3: 'a' has no kind");
    CHECK(refusal_of(stage + "kind \"x\"\nkind \"x\"\n") == "'a.lock' line 5: 'kind \"x\"' says nothing that is known "
                                                            "here");
    CHECK(refusal_of(stage + "kind \"x\"\nlog \"a\"\n") == "'a.lock' line 5: 'a' is there twice");
    CHECK(refusal_of(stage + "kind \"x\"\nkeeps struct{\na: i32\n") == "'a.lock' line 5: what begins here with 'keeps' "
                                                                       "has no end");
    CHECK(refusal_of(stage + "kind \"x\"\nkeeps\n") == "'a.lock' line 5: behind 'keeps' there must be a type");
    CHECK(refusal_of(graph + "log \"a\"\nkind \"x\"\npartitions none\n") == "'a.lock' line 5: 'none' is no number of "
                                                                            "partitions");
}

TEST_CASE("whatever is kept, its lock file says it", "[runtime]") {
    const auto text = [] {
        static const strings parts{"struct{", "}", "<", ">", "{", ",", ":", " ", "a", "list", "i32", "\"", "\\", "\n",
                                   "\r", "\t", "#", "\x7f", "\xc3\xa9", "\xff", "keeps"};
        std::string made;
        for (int left = *rc::gen::inRange(0, 12); left > 0; --left) made += *rc::gen::elementOf(parts);
        return made;
    };
    const std::function<std::string(int)> tag = [&](int depth) -> std::string {
        const int choice = *rc::gen::inRange(0, depth > 3 ? 2 : 6);
        if (choice == 0) return "i32";
        if (choice == 1) return "enum{red,green=7}";
        if (choice == 2) return "list<" + tag(depth + 1) + ">";
        if (choice == 3) return "map<text," + tag(depth + 1) + ">";
        std::string fields;
        for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
            fields += (fields.empty() ? "" : ",") + std::string(*rc::gen::elementOf(strings{"a", "b c", " d", "#e"})) +
                      ":" + tag(depth + 1);
        }
        return "struct{" + fields + "}";
    };
    const bool holds = rc::check([&] {
        kept_state made{text(), {}};
        for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
            kept_stage each{text() + std::to_string(i), text()};
            each.schema = *rc::gen::arbitrary<bool>() ? tag(0) : text();
            each.log = *rc::gen::arbitrary<bool>();
            if (each.log) each.partitions = *rc::gen::inRange(0U, 3U);
            for (int k = *rc::gen::inRange(0, each.log ? 1 : 3); k > 0; --k) each.inputs.push_back(text());
            made.stages.push_back(each);
        }
        RC_ASSERT((weir::parse_schema_lock(weir::schema_lock(made), "a.lock") == made));
    });
    CHECK(holds);
}

TEST_CASE("all that is in the way is said, and what is not", "[runtime]") {
    const kept_state was = kept({{"csv #1", "csv", "", true},
                                 {"csv #2", "csv", "", true},
                                 {"memory #1", "memory", "", true, 3},
                                 process("velocity", "struct{count:i64,last:struct{id:u64,at:time},sum:f64}"),
                                 {"hours", "aggregate", "struct{key:u32,window:tumbling 1h,states:struct{count:i64}}"},
                                 process("gone", "struct{a:i32}"),
                                 {"other", "process", "struct{key:u32,state:struct{}}"},
                                 {"merge #1", "merge", weir::counts_only},
                                 {"lines", "collect", "", false, 0, {"velocity.0"}}});
    const kept_state is = kept({{"csv #1", "csv", "", true},
                                {"memory #1", "memory", "", true, 2},
                                {"tail #1", "tail", "", true},
                                {"velocity", "process",
                                 "struct{key:u64,state:struct{count:i32,last:struct{id:u64,at:text},sum:f64,more:u8}}"},
                                {"hours", "aggregate", "struct{key:u32,window:tumbling 2h,states:struct{sum:f64}}"},
                                {"other", "window", "struct{key:u32,window:tumbling 2h,states:struct{}}"},
                                process("added", "struct{}"),
                                {"lines", "collect", "", false, 0, {"added.0"}}});
    const weir::schema_changes found = compare_kept(was, is, {});
    CHECK(found.refused ==
          strings{"of logs of kind csv, there were 2 and are 1, so that which is which cannot be known",
                  "log 'memory #1' (memory) has other partitions: it had 3, and has 2 now",
                  "stage 'velocity' (process) keeps something else now: its key was u32 and is u64; field 'count' was "
                  "i64 and is i32, which cannot hold every value it had; field 'last.at' was time and is text",
                  "stage 'hours' (aggregate) keeps something else now: window was tumbling 1h and is tumbling 2h; "
                  "states has no field 'count' any more, which was i64; states has a new field 'sum', which is f64",
                  "stage 'gone' (process) is not in the graph any more",
                  "stage 'other' (process) is of kind window now",
                  "log 'tail #1' (tail) is new, and would be read from its beginning by stages that have come "
                  "further"});
    CHECK(found.to_drop == strings{"gone", "other"});
    CHECK(found.to_add == strings{"tail #1"});
    CHECK(found.accepted == strings{"stage 'merge #1' (merge) is not in the graph any more, and what it kept is "
                                    "forgotten",
                                    "stage 'lines' (collect) has other inputs: they were velocity.0 and are added.0. "
                                    "Records that wait in front of it in a checkpoint would be refused",
                                    "stage 'other' (window) is new", "stage 'added' (process) is new"});

    const checkpointing options{.renamed_fields = {{"velocity", "count", "events"}},
                                .dropped_stages = {"gone", "other"},
                                .added_sources = {"tail #1", "memory #1"}};
    const kept_state before = kept({{"memory #1", "memory", "", true, 1},
                                    process("velocity", "struct{count:i32}"),
                                    process("gone", "struct{a:i32}"), process("other", "struct{}")});
    const kept_state after = kept({{"memory #1", "memory", "", true, 2},
                                   {"tail #1", "tail", "", true},
                                   process("velocity", "struct{events:i64}"),
                                   {"other", "window", "struct{}"}});
    const weir::schema_changes fits = compare_kept(before, after, options);
    CHECK(fits.refused == strings{});
    CHECK(fits.to_drop == strings{});
    CHECK(fits.accepted ==
          strings{"log 'memory #1' (memory) has other partitions: it had 1, and has 2 now",
                  "stage 'velocity' (process) keeps something else now, which is made of what it kept: state has no "
                  "field 'count' any more, which was i32; state has a new field 'events', which is i64; by name, "
                  "'count' is 'events' now",
                  "stage 'gone' (process) is not in the graph any more, and what it kept is forgotten",
                  "stage 'other' (process) is of kind window now, and what it kept is forgotten",
                  "log 'tail #1' (tail) is new", "stage 'other' (window) is new"});
    kept_state renamed = before;
    renamed.graph = "work";
    CHECK(compare_kept(before, renamed, {}).refused ==
          strings{"the graph was called 'job' and is called 'work': a folder of checkpoints is one graph's"});
}

TEST_CASE("a renamed field is read off a command line", "[runtime]") {
    const kept_state was = kept({process("card", ""), process("card windows", ""), process("card.windows", "")});
    const auto read = [&](const char* text) {
        const weir::renamed_state_field made = weir::parse_renamed_field(text, was);
        return strings{made.stage, made.from, made.to};
    };
    CHECK(read("card.count=events") == strings{"card", "count", "events"});
    CHECK(read("card windows.items[].count=events") == strings{"card windows", "items[].count", "events"});
    CHECK(read("card.windows.count=events") == strings{"card.windows", "count", "events"});
    CHECK(read("card.last.count=events") == strings{"card", "last.count", "events"});
    CHECK(read("not there.last.count=events") == strings{"not there", "last.count", "events"});
    for (const char* each : {"", "=", "card", "card.count", "card.=a", ".count=a", "card.count=", "count=a"}) {
        CHECK_THROWS_AS(weir::parse_renamed_field(each, was), weir::error);
    }
}

TEST_CASE("a stage that no checkpoint can have has no lock file", "[runtime]") {
    struct undescribed {
        std::vector<int> what;
    };
    CHECK_THROWS_WITH(weir::schema_lock(velocities<undescribed>()),
                      "graph 'job' cannot have checkpoints: #2 process 'velocity' process: this state cannot be "
                      "stored: describe it with BOOST_DESCRIBE_STRUCT");
}

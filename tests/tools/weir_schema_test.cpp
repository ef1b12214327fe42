// SPDX-License-Identifier: Apache-2.0
// weir-schema, run on lock files and folders of checkpoints: what it prints, and how it ends.
#include <sys/wait.h>

#include <cstdlib>

#include <runtime/checkpoint_support.hpp>
#include <weir/runtime/schema_lock.hpp>

using namespace checkpoint_test;
using Catch::Matchers::Contains;

namespace {

struct ending {
    int code = -1;
    std::string out;
    std::string said;
};

// The shape of a graph: a log of some partitions, and one stage behind it.
weir::checkpoint_info checkpoint(const std::string& state, unsigned partitions = 2) {
    weir::checkpoint_info info;
    for (unsigned i = 0; i < partitions; ++i) info.stages.push_back({"csv #1", "csv", "", i});
    info.stages.push_back({"card speed", "process", "struct{key:text,state:" + state + "}", 0});
    info.stages.push_back({"", "run", "struct{logs:struct{csv #1:" + std::to_string(partitions) +
                                          "},stages:struct{card speed:struct{from:inputs<csv #1.0>,channels:number<1>,"
                                          "held:types<>}}}", 0});
    return info;
}

constexpr const char* shown = R"(weir-schema 1
graph "speeds"

log "csv #1"
  kind "csv"
  partitions 2

stage "card speed"
  kind "process"
  from "csv #1.0"
  keeps struct{
    key: text
    state: struct{
      count: i32
    }
  }
)";

// Folders a and b, whose states differ, c, which is another graph's, and a lock file of a.
class files {
  public:
    files() {
        add("a", "speeds", checkpoint("struct{count:i32}"));
        add("b", "speeds", checkpoint("struct{events:text,size:i32}"));
        add("c", "others", checkpoint("struct{count:i32}", 1));
        folder.write("lock", shown);
    }
    [[nodiscard]] ending run(const std::string& arguments) const {
        const std::string command = "cd " + (folder / "") + " && " + std::string{WEIR_SCHEMA} + " " + arguments +
                                    " >out 2>err </dev/null";
        const int status = std::system(command.c_str());
        REQUIRE(WIFEXITED(status));
        return {WEXITSTATUS(status), folder.read("out"), folder.read("err")};
    }
    void add(const std::string& name, const std::string& graph, const weir::checkpoint_info& info) const {
        weir::checkpoint_store store(weir::machine(), {folder / name, graph});
        write(store, {}, true, info);
    }
    temporary_folder folder;
};

}  // namespace

TEST_CASE("weir-schema shows what a lock file and a checkpoint say", "[tools]") {
    const files made;
    for (const char* each : {"show a", "show lock", "show a --epoch 1"}) {
        const ending ended = made.run(each);
        CHECK(ended.code == 0);
        CHECK(ended.out == shown);
        CHECK(ended.said.empty());
    }
}

TEST_CASE("weir-schema says whether one goes on from the other", "[tools]") {
    const files made;
    for (const char* each : {"check a lock", "check lock a", "check a a"}) {
        const ending ended = made.run(each);
        CHECK(ended.code == 0);
        CHECK(ended.out.empty());
    }
    const ending other = made.run("check lock b --renamed 'card speed.count=events'");
    CHECK(other.code == 1);
    CHECK(other.out == "stage 'card speed' (process) keeps something else now: field 'count' was i32 and is text\n");
    const ending fits = made.run("check lock b");
    CHECK(fits.code == 0);
    CHECK_THAT(fits.out, Contains("made of what it kept: state has no field 'count' any more, which was i32; state "
                                  "has a new field 'events'"));
    const ending graph = made.run("check a c");
    CHECK(graph.code == 1);
    CHECK_THAT(graph.out, Contains("the graph was called 'speeds' and is called 'others'") &&
                              Contains("log 'csv #1' (csv) has other partitions: it had 2, and has 1 now"));
    made.folder.write("none", "weir-schema 1\ngraph \"speeds\"\n");
    CHECK(made.run("check a none").code == 1);
    CHECK(made.run("check a none --dropped 'card speed' --dropped 'csv #1'").code == 0);
    CHECK(made.run("check none a").code == 1);
    CHECK(made.run("check none a --added 'csv #1'").code == 0);
}

TEST_CASE("weir-schema refuses what it cannot do, with a sentence", "[tools]") {
    const files made;
    made.folder.write("bad", "weir-schema 1\n<<<\n");
    const auto refused = [&](const std::string& arguments, const std::string& sentence) {
        const ending ended = made.run(arguments);
        CHECK(ended.code == 2);
        CHECK(ended.out.empty());
        CHECK_THAT(ended.said, Contains(sentence));
    };
    refused("show missing", "weir-schema: 'missing' cannot be read");
    refused("show bad", "weir-schema: 'bad' line 2: '<<<' says nothing that is known here");
    refused("check a bad", "weir-schema: 'bad' line 2");
    refused("show a --epoch 7", "weir-schema: there is no sound checkpoint 7 in 'a'");
    refused("show lock --epoch 7", "weir-schema: 'lock' is a lock file, which has no epochs");
    refused("show .", "there is no sound checkpoint in '.'");
    refused("check a b --renamed count", "does not say which field is called what: write it as stage.old=new");
    refused("check a", "new is required");
    refused("", "subcommand");
}

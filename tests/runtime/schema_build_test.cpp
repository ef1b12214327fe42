// SPDX-License-Identifier: Apache-2.0
// What the program of weir_schema_lock(...) says and does; tests/package builds one.
#include <weir/runtime/schema_build.hpp>

#include "runtime/upgrade_support.hpp"

using namespace upgrade_test;

namespace {

struct first {
    std::int32_t count = 0;
};
BOOST_DESCRIBE_STRUCT(first, (), (count))
struct wider {
    std::int64_t count = 0;
    double sum = 0;
};
BOOST_DESCRIBE_STRUCT(wider, (), (count, sum))
struct renamed {
    std::int64_t events = 0;
};
BOOST_DESCRIBE_STRUCT(renamed, (), (events))
struct spelled {
    std::string count;
    double sum = 0;
};
BOOST_DESCRIBE_STRUCT(spelled, (), (count, sum))

template <class State> weir::graph job(const std::string& stage = "velocity", const std::string& name = "job") {
    static probe at;
    return weir::graph(name, timed(at) | weir::key_by(&payment::card) |
                                 weir::named(stage, weir::process<State>([](auto&, const payment& each, State&) {
                                                 return line{each.id, 0, 0};
                                             })) |
                                 weir::named("lines", weir::into(weir::collect<line>())));
}

struct project {
    temporary_folder folder;
    std::vector<std::string> options;

    // The code, and what is said, with the folder as F.
    template <class Make> std::pair<int, std::string> run(const char* what, Make make) const {
        std::vector<std::string> arguments{what, "jobs", folder / "schema/a b.lock", folder / "checked",
                                           folder / "out"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        auto [code, said] = weir::run_schema_build(arguments, make, {});
        const std::string place = folder / "";
        for (std::size_t at = 0; (at = said.find(place, at)) != std::string::npos;) {
            said.replace(at, place.size(), "F/");
        }
        return {code, said};
    }
    [[nodiscard]] bool checked() const { return weir::machine().status_of(folder / "checked").has_value(); }
};
using result = std::pair<int, std::string>;

constexpr const char* accept = "  cmake --build F/out --target jobs_accept_schema\n";
constexpr const char* force = "  cmake --build F/out --target jobs_force_schema\n";

}  // namespace

TEST_CASE("a build says how its lock file comes to be, and passes when it is there", "[runtime]") {
    const project made;
    const auto make = [] { return job<first>(); };
    CHECK(made.run("check", make) ==
          result{1, "jobs: there is no lock file 'F/schema/a b.lock' yet, which says what graph 'job' keeps\nTo write "
                    "it, and then put it under version control:\n" + std::string(accept)});
    CHECK_FALSE(made.checked());
    CHECK(made.run("accept", make) == result{0, "jobs: 'F/schema/a b.lock' is written\n"});
    CHECK(made.folder.read("schema/a b.lock") ==
          "# What graph 'job' keeps in its checkpoints. Written by weir_schema_lock(jobs ...);\n# the build fails when "
          "the graph keeps something else. To accept a change, build jobs_accept_schema.\n" +
              weir::schema_lock(make()));
    CHECK(made.run("check", make) == result{0, ""});
    CHECK(made.checked());
    std::string place = made.folder / "";
    CHECK(made.folder.read("checked.d") == place + "checked: " + place + "schema/a\\ b.lock\n");
}

TEST_CASE("a change that fits must be accepted", "[runtime]") {
    project made;
    CHECK(made.run("accept", [] { return job<first>(); }).first == 0);
    const auto later = [] { return job<wider>(); };
    CHECK(made.run("check", later) ==
          result{1, "jobs: what graph 'job' keeps is not what 'F/schema/a b.lock' says, but its savepoints would be "
                    "gone on with:\n  stage 'velocity' (process) keeps something else now, which is made of what it "
                    "kept: state.count was i32 and is i64; state has a new field 'sum', which is f64\nTo accept it:\n" +
                        std::string(accept)});
    CHECK(made.run("accept", later) == result{0, "jobs: 'F/schema/a b.lock' is accepted\n"});
    CHECK(made.run("check", later) == result{0, ""});
    // A field that is gone is forgotten; one that is declared to have another name is not.
    made.options = {"renamed", "velocity.count=events"};
    CHECK(made.run("accept", [] { return job<renamed>(); }).first == 0);
    CHECK(made.run("check", [] { return job<renamed>(); }) == result{0, ""});
}

TEST_CASE("a change that does not fit is accepted by force only", "[runtime]") {
    project made;
    CHECK(made.run("accept", [] { return job<wider>(); }).first == 0);
    const auto other = [] { return job<spelled>(); };
    const result refused{1, "jobs: graph 'job' would refuse savepoints of what 'F/schema/a b.lock' says:\n  stage "
                            "'velocity' (process) keeps something else now: field 'count' was i64 and is text\nTo give "
                            "those savepoints up:\n" + std::string(force)};
    CHECK(made.run("check", other) == refused);
    CHECK(made.run("accept", other) == refused);
    CHECK(made.run("check", [] { return job<wider>(); }) == result{0, ""});
    CHECK(made.run("force", other) == result{0, "jobs: 'F/schema/a b.lock' is written\n"});
    CHECK(made.run("check", other) == result{0, ""});

    const auto moved = [] { return job<spelled>("speed"); };
    CHECK(made.run("check", moved) ==
          result{1, "jobs: graph 'job' would refuse savepoints of what 'F/schema/a b.lock' says:\n  stage 'velocity' "
                    "(process) is not in the graph any more\nIf what they kept is to be forgotten, say so, here and in "
                    "the run's checkpointing::dropped_stages:\n  weir_schema_lock(jobs ... DROPPED velocity)\nTo give "
                    "those savepoints up:\n" + std::string(force)});
    made.options = {"dropped", "velocity"};
    CHECK(made.run("accept", moved).first == 0);
    CHECK(made.run("check", [] { return job<spelled>("speed", "work"); }).second.find(
              "the graph was called 'job' and is called 'work'") != std::string::npos);
}

TEST_CASE("what a build cannot find out is a sentence", "[runtime]") {
    project made;
    made.folder.write("schema", "");
    CHECK(made.run("accept", [] { return job<first>(); }).first == 2);
    const project other;
    CHECK(other.run("check", []() -> weir::graph { throw std::runtime_error("no\nluck"); }) ==
          result{2, "jobs: no\\nluck\n"});
    CHECK(other.run("accept", [] { return job<first>(); }).first == 0);
    other.folder.write("schema/a b.lock", "weir-schema 1\n<<<<<<< HEAD\n");
    const result unreadable = other.run("check", [] { return job<first>(); });
    CHECK(unreadable == result{1, "jobs: the lock file cannot be read: 'F/schema/a b.lock' line 2: '<<<<<<< HEAD' says "
                                  "nothing that is known here\nTo write it anew, whatever it was:\n" +
                                      std::string(force)});
    CHECK(other.run("accept", [] { return job<first>(); }) == unreadable);
    CHECK(other.run("what", [] { return job<first>(); }).first == 2);
    made.options = {"kept", "a"};
    CHECK(made.run("check", [] { return job<first>(); }) == result{2, "jobs: 'kept' is no option\n"});
}

// SPDX-License-Identifier: Apache-2.0
// Rows on standard output: as they fall, once, and what happens when they cannot be written.
#include <catch2/catch.hpp>

#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/csv_stdout.hpp>
#include <weir/sources/memory.hpp>

#include "sinks/redirected_output.hpp"
#include "temporary_folder.hpp"

namespace {

struct item {
    std::uint64_t id = 0;
    std::string note;
};
BOOST_DESCRIBE_STRUCT(item, (), (id, note))

weir::graph printing(std::uint64_t count) {
    const auto items = weir::generate(count, [](std::uint64_t i) { return item{i, "n"}; });
    return weir::graph("printed", items | weir::into(weir::csv_stdout()));
}

}  // namespace

TEST_CASE("rows are on standard output as they fall") {
    const temporary_folder folder;
    std::vector<std::string> seen;
    {
        const redirected_output redirected(folder / "out");
        weir::job running(printing(3), weir::detail::plan_of(weir::event_loop{}), weir::machine());
        for (int i = 0; i < 3; ++i) {
            running.advance(1);
            seen.push_back(folder.read("out"));
        }
        running.finish();
        seen.push_back(folder.read("out"));
    }
    CHECK(seen == std::vector<std::string>{"id,note\n0,n\n", "id,note\n0,n\n1,n\n", "id,note\n0,n\n1,n\n2,n\n",
                                           "id,note\n0,n\n1,n\n2,n\n"});
}

TEST_CASE("a table without rows has its header, and one with many has all of them") {
    const temporary_folder folder;
    {
        const redirected_output redirected(folder / "none");
        weir::run(printing(0), weir::batch{});
    }
    CHECK(folder.read("none") == "id,note\n");
    std::string wanted = "id,note\n";
    for (int i = 0; i < 50'000; ++i) wanted += std::to_string(i) + ",n\n";
    for (const unsigned threads : {1U, 2U}) {
        const std::string name = "many" + std::to_string(threads);
        {
            const redirected_output redirected(folder / name);
            weir::run(printing(50'000), weir::batch{.threads = threads, .chunk = 10'000});
        }
        CHECK(folder.read(name) == wanted);
    }
}

TEST_CASE("a run that goes on from a snapshot writes no second header") {
    const temporary_folder folder;
    {
        const redirected_output redirected(folder / "out");
        const auto what = printing(4);
        const auto how = weir::detail::plan_of(weir::event_loop{});
        weir::job first(what, how, weir::machine());
        first.advance(2);
        weir::job second(what, how, weir::machine(), first.snapshot());
        second.run_to_end();
        second.finish();
    }
    CHECK(folder.read("out") == "id,note\n0,n\n1,n\n2,n\n3,n\n");
}

TEST_CASE("standard output that is full is an error of the run") {
    std::string sentence;
    {
        const redirected_output redirected("/dev/full");
        try {
            weir::run(printing(3), weir::event_loop{});
        } catch (const weir::error& problem) {
            if (problem.kind() == weir::error_kind::io) sentence = problem.what();
        }
    }
    CHECK(sentence == "csv_stdout sink: cannot write standard output: No space left on device");
}

TEST_CASE("a graph prints one table") {
    const auto items = weir::generate(1, [](std::uint64_t i) { return item{i, "n"}; });
    CHECK_THROWS_WITH(
        weir::graph("two", {items | weir::into(weir::csv_stdout()), items | weir::into(weir::csv_stdout())}),
        Catch::Contains("two sinks for standard output"));
}

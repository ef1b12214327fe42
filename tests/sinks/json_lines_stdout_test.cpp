// SPDX-License-Identifier: Apache-2.0
// Objects on standard output: as they fall, without a header.
#include <catch2/catch.hpp>

#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/csv_stdout.hpp>
#include <weir/sinks/json_lines_stdout.hpp>
#include <weir/sources/memory.hpp>

#include "sinks/redirected_output.hpp"
#include "temporary_folder.hpp"

namespace {

struct item {
    std::uint64_t id = 0;
    double amount = 0;
};
BOOST_DESCRIBE_STRUCT(item, (), (id, amount))

auto items(std::vector<double> amounts) {
    std::vector<item> made;
    for (const double each : amounts) made.push_back({made.size(), each});
    return weir::memory(std::move(made));
}

}  // namespace

TEST_CASE("objects are on standard output as they fall") {
    const temporary_folder folder;
    std::vector<std::string> seen;
    {
        const redirected_output redirected(folder / "out");
        const weir::graph what("printed", items({1.5, 2}) | weir::into(weir::json_lines_stdout()));
        weir::job running(what, weir::detail::plan_of(weir::event_loop{}), weir::machine());
        for (int i = 0; i < 2; ++i) {
            running.advance(1);
            seen.push_back(folder.read("out"));
        }
        running.finish();
    }
    CHECK(seen == std::vector<std::string>{"{\"id\":0,\"amount\":1.5}\n",
                                           "{\"id\":0,\"amount\":1.5}\n{\"id\":1,\"amount\":2}\n"});
    CHECK(folder.read("out") == seen.back());
}

TEST_CASE("a record that JSON cannot hold ends the run and names the sink and the field") {
    const temporary_folder folder;
    std::string sentence;
    {
        const redirected_output redirected(folder / "out");
        const weir::graph what("printed", items({1, std::numeric_limits<double>::quiet_NaN()}) |
                                              weir::into(weir::json_lines_stdout()));
        try {
            weir::run(what, weir::event_loop{});
        } catch (const weir::error& problem) {
            sentence = problem.what();
        }
    }
    CHECK_THAT(sentence, Catch::StartsWith("json_lines_stdout sink: ") && Catch::Contains("amount"));
    CHECK(folder.read("out") == "{\"id\":0,\"amount\":1}\n");
}

TEST_CASE("a graph prints one thing") {
    CHECK_THROWS_WITH(weir::graph("two", {items({1}) | weir::into(weir::json_lines_stdout()),
                                          items({2}) | weir::into(weir::csv_stdout())}),
                      Catch::Contains("two sinks for standard output"));
}

// SPDX-License-Identifier: Apache-2.0
// JSON Lines in files that follow each other. When a file begins is tested with csv_rolling.
#include <catch2/catch.hpp>

#include <weir/operators/into.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sinks/json_lines_rolling.hpp>
#include <weir/sources/memory.hpp>

#include "temporary_folder.hpp"

namespace {

struct item {
    std::uint64_t id = 0;
    double amount = 0;
};
BOOST_DESCRIBE_STRUCT(item, (), (id, amount))

}  // namespace

TEST_CASE("objects go into numbered files") {
    const temporary_folder folder;
    const auto items = weir::generate(5, [](std::uint64_t i) { return item{i, 1.5}; });
    const auto sink = weir::json_lines_rolling(folder / "out/d-*.jsonl", {.bytes = 30});
    weir::run(weir::graph("rolled", items | weir::into(sink)), weir::batch{});
    CHECK(folder.read("out/d-000001.jsonl") == "{\"id\":0,\"amount\":1.5}\n{\"id\":1,\"amount\":1.5}\n");
    CHECK(folder.read("out/d-000003.jsonl") == "{\"id\":4,\"amount\":1.5}\n");
}

TEST_CASE("a record that JSON cannot hold, and a pattern without a number, are refused") {
    const temporary_folder folder;
    const auto bad = weir::memory(std::vector<item>{{1, std::numeric_limits<double>::infinity()}});
    const weir::graph what("rolled",
                           bad | weir::into(weir::json_lines_rolling(folder / "d-*.jsonl", {.bytes = 30})));
    CHECK_THROWS_WITH(weir::run(what, weir::batch{}), Catch::StartsWith("json_lines_rolling sink '" + folder / "d-") &&
                                                          Catch::Contains("amount"));
    CHECK(folder.names().empty());
    CHECK_THROWS_WITH(weir::json_lines_rolling("d.jsonl", {.bytes = 30}),
                      Catch::StartsWith("json_lines_rolling: ") && Catch::Contains("one * in its last part"));
}

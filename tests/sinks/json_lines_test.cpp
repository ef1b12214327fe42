// SPDX-License-Identifier: Apache-2.0
// JSON Lines as a sink. What all sinks of files promise is tested with CSV; here is what is this one's own.
#include <catch2/catch.hpp>

#include <cmath>

#include <weir/aggregates/count.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/window.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sinks/json_lines.hpp>
#include <weir/sources/memory.hpp>

#include "temporary_folder.hpp"

namespace {
using namespace std::chrono_literals;

struct place {
    double lat = 0;
    double lon = 0;
};
BOOST_DESCRIBE_STRUCT(place, (), (lat, lon))
struct item {
    int id = 0;
    weir::timestamp at{};
    std::string note;
    std::optional<double> amount;
    place where;
    std::vector<int> tags;
};
BOOST_DESCRIBE_STRUCT(item, (), (id, at, note, amount, where, tags))
struct payment {
    std::uint32_t card = 0;
    weir::timestamp at{};
    double amount = 0;
    place where;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, at, amount, where))

std::vector<item> items(int count) {
    std::vector<item> made;
    for (int i = 0; i < count; ++i) {
        made.push_back({i, weir::timestamp{i * 1s}, i % 3 == 0 ? "a,\"b\"\n" : "c",
                        i % 2 == 0 ? std::optional{i * 0.5} : std::nullopt, {i * 1.5, 0}, {}});
        made.back().tags.assign(static_cast<std::size_t>(i % 3), i);
    }
    return made;
}
weir::graph writing(const std::string& path, int count = 3) {
    return weir::graph("things", weir::memory(items(count)) | weir::into(weir::json_lines(path)));
}
template <class Check>
void in_all_modes(const weir::graph& what, Check check) {
    const auto run = [&](const auto& runner) {
        CHECK(weir::run(what, runner).balanced());
        check();
    };
    run(weir::event_loop{});
    run(weir::micro_batch{.max_records = 2});
    run(weir::batch{});
    run(weir::batch{.threads = 2, .chunk = 1});
}
auto payments() {
    return weir::memory<payment>({{7, weir::timestamp{1s}, 1.5, {1, 2}},
                                  {8, weir::timestamp{2s}, 2, {3, 4}},
                                  {7, weir::timestamp{3s}, 0.25, {5, 6}}}) |
           weir::event_time(&payment::at, weir::out_of_order(0s)) | weir::key_by(&payment::card);
}

}  // namespace

TEST_CASE("a line per record, the same in all modes") {
    const temporary_folder folder;
    in_all_modes(writing(folder / "out.jsonl"), [&] {
        CHECK(folder.names() == std::vector<std::string>{"out.jsonl"});
        CHECK(folder.read("out.jsonl") ==
              R"({"id":0,"at":"1970-01-01T00:00:00Z","note":"a,\"b\"\n","amount":0,"where":{"lat":0,"lon":0},)"
              R"("tags":[]})" "\n"
              R"({"id":1,"at":"1970-01-01T00:00:01Z","note":"c","amount":null,"where":{"lat":1.5,"lon":0},"tags":[1]})"
              "\n"
              R"({"id":2,"at":"1970-01-01T00:00:02Z","note":"c","amount":1,"where":{"lat":3,"lon":0},"tags":[2,2]})"
              "\n");
    });
    weir::run(writing(folder / "empty.jsonl", 0), weir::available_now{});
    CHECK(folder.read("empty.jsonl").empty());
    weir::run(writing(folder / "large.jsonl", 50'000), weir::batch{});
    const auto text = folder.read("large.jsonl");
    CHECK(std::count(text.begin(), text.end(), '\n') == 50'000);
}

TEST_CASE("results of windows have members called as their columns") {
    const temporary_folder folder;
    const auto totals = payments() | weir::window(weir::tumbling(10s)) |
                        weir::aggregate(weir::count(), weir::as("total", weir::sum(&payment::amount)));
    in_all_modes(weir::graph("g", totals | weir::into(weir::json_lines(folder / "totals.jsonl"))), [&] {
        const std::string window = R"("start":"1970-01-01T00:00:00Z","end":"1970-01-01T00:00:10Z",)";
        const std::string seven = R"({"card":7,)" + window + R"("count":2,"total":1.75})" + "\n";
        const std::string eight = R"({"card":8,)" + window + R"("count":1,"total":2})" + "\n";
        const std::string text = folder.read("totals.jsonl");
        CHECK((text == seven + eight || text == eight + seven));
    });
}

TEST_CASE("rolling results have the members of the record, then one per aggregate and length") {
    const temporary_folder folder;
    const auto rows = payments() | weir::rolling(10s, 2s) |
                      weir::aggregate(weir::count(), weir::over(10s, weir::sum(&payment::amount)));
    in_all_modes(weir::graph("g", rows | weir::into(weir::json_lines(folder / "rows.jsonl"))), [&] {
        CHECK(folder.read("rows.jsonl") ==
              R"({"card":7,"at":"1970-01-01T00:00:01Z","amount":1.5,"where":{"lat":1,"lon":2},"count_10s":1,)"
              R"("count_2s":1,"sum_amount_10s":1.5})" "\n"
              R"({"card":8,"at":"1970-01-01T00:00:02Z","amount":2,"where":{"lat":3,"lon":4},"count_10s":1,)"
              R"("count_2s":1,"sum_amount_10s":2})" "\n"
              R"({"card":7,"at":"1970-01-01T00:00:03Z","amount":0.25,"where":{"lat":5,"lon":6},"count_10s":2,)"
              R"("count_2s":1,"sum_amount_10s":1.75})" "\n");
    });
}

TEST_CASE("rows without names of their own") {
    CHECK(weir::json_row<weir::rolled<payment, int>>::field_columns() == 5);
    using window = weir::windowed<int, double>;
    using row = weir::rolled<window, std::array<int, 2>>;
    std::string line;
    weir::json_encoder<row>().append(line, {{7, {}, weir::timestamp{1s}, {1.5}}, {{2, 3}}});
    CHECK(line == R"({"key":7,"start":"1970-01-01T00:00:00Z","end":"1970-01-01T00:00:01Z","result0":1.5,)"
                  R"("result0.0":2,"result0.1":3})" "\n");
}

TEST_CASE("a record that JSON cannot hold ends the run, and nothing is published") {
    const temporary_folder folder;
    auto bad = items(3);
    bad[1].where.lon = std::nan("");
    const auto write = [&](const weir::json_options& options) {
        return weir::graph("g", weir::memory(bad) | weir::into(weir::json_lines(folder / "out.jsonl", options)));
    };
    try {
        weir::run(write({}), weir::batch{});
        FAIL("no error");
    } catch (const weir::error& problem) {
        CHECK(problem.kind() == weir::error_kind::input);
        CHECK(problem.what() == "json_lines sink '" + folder / "out.jsonl" +
                                    "': field 'where.lon': nan is no number of JSON: json_options::allow_nan writes it "
                                    "as text");
    }
    CHECK(folder.names().empty());
    weir::run(write({.allow_nan = true}), weir::batch{});
    CHECK(folder.read("out.jsonl").find(R"("lon":"nan"})") != std::string::npos);
}

TEST_CASE("folders, wrong paths, and two sinks on one file") {
    const temporary_folder folder;
    weir::run(writing(folder / "cold/"), weir::batch{});
    CHECK(std::filesystem::exists(folder / "cold/things.jsonl"));
    CHECK_THROWS_WITH(weir::json_lines(""), Catch::Contains("json_lines needs the path of a file"));
    CHECK_THROWS_WITH(weir::json_lines("/dev/null"), Catch::Contains("'/dev/null'"));
    CHECK_THROWS_AS(weir::json_lines("a", {.max_line_bytes = 0}), weir::error);
    CHECK_THROWS_WITH(weir::run(writing(folder / "none/out.jsonl"), weir::batch{}),
                      Catch::Contains("json_lines sink '" + folder / "none/out.jsonl'"));
    const auto source = weir::memory<place>({{1, 2}});
    CHECK_THROWS_WITH(
        weir::graph("g", source | weir::into(weir::csv("a/out")), source | weir::into(weir::json_lines("a/./out"))),
        "graph 'g' has two sinks for the file 'a/out': merge the streams, or write two files");
    // In a folder they are two files.
    weir::run(weir::graph("g", source | weir::into(weir::csv(folder / "both/")),
                          source | weir::into(weir::json_lines(folder / "both/"))),
              weir::batch{});
    CHECK(std::filesystem::exists(folder / "both/g.csv"));
    CHECK(std::filesystem::exists(folder / "both/g.jsonl"));
    const auto first = weir::graph("g", source | weir::into(weir::csv(folder / "both/g.jsonl")),
                                   source | weir::into(weir::json_lines(folder / "both/")));
    CHECK_THROWS_WITH(weir::run(first, weir::batch{}), Catch::Contains("has two sinks for the file"));
}

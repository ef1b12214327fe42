// SPDX-License-Identifier: Apache-2.0
// CSV files that follow each other, through real runs.
#include <catch2/catch.hpp>

#include <weir/flow/explain.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/process.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/csv_rolling.hpp>
#include <weir/sources/memory.hpp>
#include <weir/testing/configuration.hpp>

#include "temporary_folder.hpp"

namespace {

using namespace std::chrono_literals;

struct reading {
    std::uint64_t id = 0;
    weir::timestamp at{};
};
BOOST_DESCRIBE_STRUCT(reading, (), (id, at))

struct nothing {
    std::uint8_t unused = 0;
};
BOOST_DESCRIBE_STRUCT(nothing, (), (unused))

std::vector<reading> readings(std::uint64_t count) {
    std::vector<reading> made;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t late = i % 7 == 3 ? 25 : 0;
        made.push_back({i, weir::timestamp{std::chrono::seconds{100 + i - std::min<std::uint64_t>(late, i)}}});
    }
    return made;
}
auto timed(std::uint64_t count) {
    return weir::memory(readings(count)) | weir::event_time(&reading::at, weir::out_of_order(30s));
}
// All files with their names.
std::string all(const temporary_folder& folder) {
    std::string text;
    for (const std::string& name : folder.names()) text += "--- " + name + "\n" + folder.read(name);
    return text;
}

}  // namespace

TEST_CASE("a file that is large enough is closed, and every file has a header") {
    const temporary_folder folder;
    const auto sink = weir::csv_rolling(folder / "r-*.csv", {.bytes = 70});
    const weir::graph what("rolled", weir::memory(readings(5)) | weir::into(sink));
    weir::run(what, weir::batch{});
    CHECK(folder.names() == std::vector<std::string>{"r-000001.csv", "r-000002.csv"});
    CHECK(folder.read("r-000001.csv") ==
          "id,at\n0,1970-01-01T00:01:40Z\n1,1970-01-01T00:01:41Z\n2,1970-01-01T00:01:42Z\n");
    CHECK(folder.read("r-000002.csv").starts_with("id,at\n3,"));
    CHECK(weir::explain(what).find("non-deterministic points: none") != std::string::npos);
}

TEST_CASE("a later span of event time begins a file, a late record does not") {
    const temporary_folder folder;
    const std::vector<reading> some{{1, weir::timestamp{-1s}}, {2, weir::timestamp{0s}},  {3, weir::timestamp{9s}},
                                    {4, weir::timestamp{35s}}, {5, weir::timestamp{12s}}, {6, weir::timestamp{39s}},
                                    {7, weir::timestamp{40s}}};
    const auto source = weir::memory(some) | weir::event_time(&reading::at, weir::out_of_order(0s));
    weir::run(weir::graph("rolled", source | weir::into(weir::csv_rolling(folder / "out/*", {.event_time = 10s}))),
              weir::event_loop{});
    const auto ids = [&](const std::string& name) {
        std::string text = folder.read("out/" + name);
        std::string found;
        for (auto line = text.find('\n'); line + 1 < text.size(); line = text.find('\n', line + 1)) {
            found += text[line + 1];
        }
        return found;
    };
    CHECK(ids("000001") == "1");
    CHECK(ids("000002") == "23");
    CHECK(ids("000003") == "456");
    CHECK(ids("000004") == "7");
    const weir::graph untimed("rolled",
                              weir::memory(some) | weir::into(weir::csv_rolling(folder / "un-*", {.event_time = 10s})));
    CHECK_THROWS_WITH(weir::run(untimed, weir::batch{}), Catch::Contains("files by event_time need event time"));
}

TEST_CASE("all runners write the same files") {
    std::string wanted;
    for (auto how : weir::testing::all_configurations({1, 7, 1024}, {1, 2}, 1)) {
        how.real_threads = true;
        const temporary_folder folder;
        const auto sink = weir::csv_rolling(folder / "r-*.csv", {.bytes = 300, .event_time = 20s});
        const weir::graph what("rolled", timed(200) | weir::key_by([](const reading& each) { return each.id % 5; }) |
                                             weir::process<nothing>([](auto&, const reading& each, nothing&) {
                                                 return each;
                                             }) |
                                             weir::into(sink));
        INFO(how.text());
        CHECK(weir::testing::run_configured(what, how).balanced());
        const std::string written = all(folder);
        if (wanted.empty()) wanted = written;
        REQUIRE(written == wanted);
    }
    CHECK(wanted.find("--- r-000020.csv") != std::string::npos);
}

TEST_CASE("files of another run are not mixed with those of this one") {
    const temporary_folder folder;
    folder.write("r-000007.csv", "old");
    folder.write("r-x.csv", "none of ours");
    const auto write = [&](weir::roll_options how) {
        weir::run(weir::graph("rolled", weir::memory(readings(1)) | weir::into(weir::csv_rolling(folder / "r-*.csv",
                                                                                                   how))),
                  weir::batch{});
    };
    CHECK_THROWS_WITH(write({.bytes = 70}), Catch::Contains("r-000007.csv' is there already, of another run"));
    write({.bytes = 70, .after_existing = true});
    CHECK(folder.names() == std::vector<std::string>{"r-000007.csv", "r-000008.csv", "r-x.csv"});
}

TEST_CASE("a run that fails leaves the files that were closed, whole, and nothing else") {
    const temporary_folder folder;
    const auto failing = timed(50) | weir::map([](const reading& each) {
                             if (each.id == 45) throw std::runtime_error("no");
                             return each;
                         });
    const weir::graph what("rolled", failing | weir::into(weir::csv_rolling(folder / "r-*.csv", {.bytes = 300})));
    CHECK_THROWS(weir::run(what, weir::batch{.chunk = 1}));
    REQUIRE(folder.names().size() > 1);
    for (const std::string& name : folder.names()) {
        CHECK(name.starts_with("r-"));
        CHECK(folder.read(name).size() >= 300);
    }
}

TEST_CASE("a run without records leaves no file, and a snapshot is refused") {
    const temporary_folder folder;
    const weir::graph what("rolled",
                           weir::memory(readings(0)) | weir::into(weir::csv_rolling(folder / "r-*.csv", {.bytes = 1})));
    weir::run(what, weir::batch{});
    CHECK(folder.names().empty());
    weir::job running(what, weir::detail::plan_of(weir::batch{}), weir::machine());
    CHECK_THROWS_WITH(running.snapshot(), Catch::Contains("files belong to checkpoints"));
}

TEST_CASE("what makes no sense is refused when the sink is made") {
    CHECK_THROWS_WITH(weir::csv_rolling("a.csv", {.bytes = 1}), Catch::Contains("one * in its last part"));
    CHECK_THROWS_WITH(weir::csv_rolling("a*/b.csv", {.bytes = 1}), Catch::Contains("one * in its last part"));
    CHECK_THROWS_WITH(weir::csv_rolling("a*b*.csv", {.bytes = 1}), Catch::Contains("one * in its last part"));
    CHECK_THROWS_WITH(weir::csv_rolling("a-*.csv", {}), Catch::Contains("nothing would ever begin a new file"));
    CHECK_THROWS_WITH(weir::csv_rolling("a-*.csv", {.event_time = -1s}), Catch::Contains("below zero"));
    const temporary_folder folder;
    const auto sink = [&] { return weir::csv_rolling(folder / "r-*.csv", {.bytes = 1}); };
    CHECK_THROWS_WITH(weir::graph("two", {timed(1) | weir::into(sink()), timed(2) | weir::into(sink())}),
                      Catch::Contains("two sinks for the file"));
}

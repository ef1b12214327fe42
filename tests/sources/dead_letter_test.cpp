// SPDX-License-Identifier: Apache-2.0
// What cannot be read goes to the dead-letter sink, with a place of its own in the log, and is counted.
#include <catch2/catch.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/csv.hpp>

#include "temporary_folder.hpp"

namespace {

enum class color { red, green };
BOOST_DESCRIBE_ENUM(color, red, green)

struct item {
    std::uint32_t id = 0;
    color paint = color::red;
    double amount = 0;
    friend bool operator==(const item&, const item&) = default;
};
BOOST_DESCRIBE_STRUCT(item, (), (id, paint, amount))

const std::string bad_lines =
    "id,paint,amount\n"
    "1,red,1\n"
    "x,red,1\n"   // no number
    "2,blue,1\n"  // no name of the enum
    "3,red,1\n"
    "4294967296,red,1\n"  // too large
    "4,red,nan\n"
    "5,red\n"      // a field is missing
    "6,red,1,9\n"  // one too many
    "\n"           // empty
    "7,re\"d,1\n"
    "8,\xFF,1\n"  // no UTF-8
    "9,green,2\n"
    "10,\"red,1\n";  // never closed

struct outcome {
    std::vector<weir::stamped<item>> items;
    std::vector<weir::stamped<weir::bad_record>> bad;
    weir::run_report report;
};

template <class Runner, class... Options>
outcome run_over(const std::string& pattern, const Runner& runner, const Options&... options) {
    auto sink = weir::collect_stamped<item>();
    auto bad = weir::collect_stamped<weir::bad_record>();
    const weir::graph what("read",
                           weir::csv_files<item>(pattern, weir::dead_letter(bad), options...) | weir::into(sink));
    auto report = weir::run(what, runner);
    CHECK(report.balanced());
    return {report.output(sink), report.output(bad), report};
}

std::vector<std::uint64_t> offsets(const auto& stamped) {
    std::vector<std::uint64_t> found;
    for (const auto& each : stamped) found.push_back(each.at.at.position);
    return found;
}

}  // namespace

TEST_CASE("bad records have offsets of their own and are counted") {
    const temporary_folder folder;
    const auto path = folder.write("1.csv", bad_lines);
    const auto check = [&](const auto& runner) {
        const outcome seen = run_over(path, runner);
        CHECK(offsets(seen.items) == std::vector<std::uint64_t>{0, 3, 11});
        CHECK(offsets(seen.bad) == std::vector<std::uint64_t>{1, 2, 4, 5, 6, 7, 8, 9, 10, 12});
        const weir::ledger& source = seen.report.stages.at(0).counts;
        CHECK(source.in == 13);
        CHECK(source.accepted == 3);
        CHECK(source.dead_letter == 10);
        CHECK(seen.report.records == 13);
        REQUIRE(seen.bad.size() == 10);
        CHECK(seen.bad[0].record.sentence() == path + ":3:1: field 'id': \"x\" is not a number");
        CHECK(seen.bad[1].record.raw == "2,blue,1");
        CHECK(seen.bad[9].record.line == 14);
    };
    check(weir::batch{});
    check(weir::batch{.chunk = 2});
    check(weir::event_loop{});
    check(weir::micro_batch{.max_records = 3});
    check(weir::available_now{});
    check(weir::batch{.threads = 2, .chunk = 1});
}

TEST_CASE("without dead_letter each of them ends the run") {
    const temporary_folder folder;
    std::istringstream lines(bad_lines);
    std::string header;
    std::getline(lines, header);
    std::size_t refused = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto path = folder.write("one.csv", header + "\n" + line + "\n1,red,1\n");
        auto sink = weir::collect<item>();
        try {
            weir::run(weir::graph("read", weir::csv_files<item>(path) | weir::into(sink)), weir::event_loop{});
        } catch (const weir::error& problem) {
            ++refused;
            CHECK(problem.kind() == weir::error_kind::input);
            CHECK(std::string{problem.what()}.starts_with(path + ":2:"));
        }
    }
    CHECK(refused == 10);
}

TEST_CASE("a file whose header cannot be used is one bad record, and the next file is read") {
    const temporary_folder folder;
    folder.write("1.csv", "");
    folder.write("2.csv", "id,paint\n1,red\n2,red\n");
    folder.write("3.csv", "id,paint,amount\n7,red,1\n");
    folder.write("4.csv", "id,id,paint,amount\n");
    folder.write("5.csv", "\n1,red,1\n");
    folder.write("6.csv", "id,\"paint,amount\n");
    const outcome seen = run_over(folder / "*.csv", weir::batch{});
    REQUIRE(seen.items.size() == 1);
    CHECK(seen.items[0].record.id == 7);
    CHECK(seen.items[0].at.at.position == 2);
    REQUIRE(seen.bad.size() == 5);
    CHECK(offsets(seen.bad) == std::vector<std::uint64_t>{0, 1, 3, 4, 5});
    CHECK(seen.bad[0].record.sentence() ==
          folder /
              "1.csv:1:1: the line \"\" is no header for these records, and the file was not read: the file is "
              "empty: its first line must be a header");
    CHECK(seen.bad[1].record.sentence() ==
          folder /
              "2.csv:1:1: field 'amount': \"id,paint\" is no header for these records, and the file was not read: "
              "the column 'amount' is missing; the header has id, paint");
    CHECK(seen.bad[0].record.field == "");
    CHECK(seen.bad[1].record.field == "amount");
    CHECK(seen.bad[2].record.field == "id");
    CHECK(seen.bad[1].record.raw == "id,paint");
    CHECK(seen.bad[4].record.reason.find("never closed") != std::string::npos);
    CHECK(seen.report.stages.at(0).counts.dead_letter == 5);
}

TEST_CASE("a line of many megabytes is one bad record") {
    const temporary_folder folder;
    const auto path =
        folder.write("1.csv", "id,paint,amount\n1,red,1\n2," + std::string(20'000'000, 'r') + ",1\n3,red,1\n");
    const outcome seen = run_over(path, weir::batch{});
    CHECK(offsets(seen.items) == std::vector<std::uint64_t>{0, 2});
    REQUIRE(seen.bad.size() == 1);
    CHECK(seen.bad[0].record.line == 3);
    CHECK(seen.bad[0].record.raw.size() <= 4096);
    CHECK(seen.bad[0].record.reason ==
          "is longer than 1048576 bytes, the limit that csv_options::max_line_bytes sets");
}

TEST_CASE("the dead-letter sink may be any sink") {
    const temporary_folder folder;
    const auto path = folder.write("1.csv", "id,paint,amount\nx,red,1\n1,red,1\n");
    auto sink = weir::collect<item>();
    weir::run(weir::graph("read", weir::csv_files<item>(path, weir::dead_letter(weir::csv(folder / "bad.csv"))) |
                                      weir::into(sink)),
              weir::batch{});
    CHECK(folder.read("bad.csv") ==
          "source,line,column,field,text,raw,reason\n" + path + ",2,1,id,x,\"x,red,1\",is not a number\n");
    std::vector<std::string> sentences;
    const auto keep = [&sentences](const weir::bad_record& bad) { sentences.push_back(bad.sentence()); };
    weir::run(
        weir::graph("read", weir::csv_files<item>(path, weir::dead_letter(weir::for_each(keep))) | weir::into(sink)),
        weir::batch{});
    CHECK(sentences == std::vector<std::string>{path + ":2:1: field 'id': \"x\" is not a number"});
}

TEST_CASE("nothing is published when a run with a dead-letter file fails") {
    const temporary_folder folder;
    const auto path = folder.write("1.csv", "id,paint,amount\nx,red,1\n1,red,1\n");
    auto fails = weir::for_each([](const item&) { throw std::runtime_error("the sink failed"); });
    const weir::graph what(
        "read", weir::csv_files<item>(path, weir::dead_letter(weir::csv(folder / "bad.csv"))) | weir::into(fails));
    CHECK_THROWS_WITH(weir::run(what, weir::batch{}), "the sink failed");
    CHECK(folder.names() == std::vector<std::string>{"1.csv"});
}

TEST_CASE("bad records of several partitions come in turn") {
    const temporary_folder folder;
    folder.write("1.csv", bad_lines);
    folder.write("2.csv", bad_lines);
    for (const unsigned threads : {1U, 2U}) {
        const outcome seen = run_over(folder / "*.csv", weir::batch{.threads = threads}, weir::as_partitions);
        CHECK(seen.bad.size() == 20);
        CHECK(std::is_sorted(seen.bad.begin(), seen.bad.end(),
                             [](const auto& left, const auto& right) { return left.at.at < right.at.at; }));
    }
}

TEST_CASE("a source with a dead-letter sink, used twice and in two graphs, reads once per graph") {
    const temporary_folder folder;
    const auto path = folder.write("1.csv", bad_lines);
    auto first = weir::collect<item>();
    auto second = weir::collect<item>();
    auto bad = weir::collect<weir::bad_record>();
    const auto source = weir::csv_files<item>(path, weir::dead_letter(bad));
    const weir::graph what("read", source | weir::into(first), source | weir::into(second));
    CHECK(what.nodes().size() == 4);
    const weir::graph again("again", source | weir::into(first));
    for (const weir::graph* each : {&what, &again}) {
        const auto report = weir::run(*each, weir::batch{});
        CHECK(report.output(bad).size() == 10);
        CHECK(report.output(first).size() == 3);
    }
}

TEST_CASE("a job goes on between bad records") {
    const temporary_folder folder;
    const auto path = folder.write("1.csv", bad_lines);
    auto sink = weir::collect_stamped<item>();
    auto bad = weir::collect_stamped<weir::bad_record>();
    const weir::graph what("read", weir::csv_files<item>(path, weir::dead_letter(bad)) | weir::into(sink));
    const auto whole = weir::run(what, weir::batch{});
    const auto how = weir::detail::plan_of(weir::event_loop{});
    for (std::uint64_t stop = 0; stop <= 13; ++stop) {
        weir::job first(what, how, weir::machine());
        first.advance(stop);
        weir::job second(what, how, weir::machine(), first.snapshot());
        second.run_to_end();
        const auto report = second.finish();
        CHECK(report.output(sink) == whole.output(sink));
        CHECK(report.output(bad) == whole.output(bad));
        CHECK(report.stages.at(0).counts == whole.stages.at(0).counts);
    }
}

TEST_CASE("bad records do not stop a log that is longer than what may be in flight") {
    const temporary_folder folder;
    std::string text = "id,paint,amount\n";
    for (int i = 0; i < 5000; ++i) text += std::to_string(i) + (i % 100 == 7 ? ",blue,1\n" : ",red,1\n");
    const auto path = folder.write("1.csv", text);
    auto sink = weir::collect<item>();
    auto bad = weir::collect<weir::bad_record>();
    const auto time = [](const item& each) { return weir::timestamp{std::chrono::seconds{each.id}}; };
    const weir::graph what("read", weir::csv_files<item>(path, weir::dead_letter(bad)) |
                                       weir::event_time(time, weir::out_of_order(std::chrono::seconds{5})) |
                                       weir::into(sink));
    weir::batch how{.threads = 2, .chunk = 16};
    how.tuning.in_flight = 100;
    const auto report = weir::run(what, how);
    CHECK(report.output(sink).size() == 4950);
    CHECK(report.output(bad).size() == 50);
}

TEST_CASE("a file with control bytes in its name is said without them, and once") {
    const temporary_folder folder;
    const auto path = folder.write("a\n\x1b.csv", "id,paint\n1,red\n");
    const outcome seen = run_over(path, weir::batch{});
    REQUIRE(seen.bad.size() == 1);
    CHECK(seen.bad[0].record.source == path);
    CHECK(seen.bad[0].record.reason ==
          "is no header for these records, and the file was not read: the column 'amount' is missing; the header has "
          "id, paint");
    CHECK(seen.bad[0].record.sentence().find("a\\n\\x1b.csv:1:1: ") != std::string::npos);
}

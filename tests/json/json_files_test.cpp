// SPDX-License-Identifier: Apache-2.0
// Files of JSON Lines as logs, through real runs. What all sources of files promise is tested with CSV; here is that
// this one keeps it.
#include <zlib.h>

#include <catch2/catch.hpp>

#include <weir/flow/explain.hpp>
#include <weir/json/json_files.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sinks/json_lines.hpp>
#include <weir/sources/memory.hpp>

#include "temporary_folder.hpp"

namespace {

struct place {
    double lat = 0;
    double lon = 0;
    friend bool operator==(const place&, const place&) = default;
};
BOOST_DESCRIBE_STRUCT(place, (), (lat, lon))
struct reading {
    std::uint64_t id = 0;
    weir::timestamp at{};
    place where;
    std::vector<std::string> notes;
    friend bool operator==(const reading&, const reading&) = default;
};
BOOST_DESCRIBE_STRUCT(reading, (), (id, at, where, notes))
using stamped_reading = weir::stamped<reading>;

reading reading_of(std::uint64_t id) {
    reading made{id, weir::timestamp{std::chrono::seconds{id}}, {static_cast<double>(id) / 8, -0.1}, {}};
    made.notes.assign(id % 3, "note \"" + std::to_string(id) + "\"\n");
    return made;
}
std::string lines(std::uint64_t first, std::uint64_t last) {
    std::string text;
    const weir::json_encoder<reading> encoder;
    for (std::uint64_t id = first; id <= last; ++id) encoder.append(text, reading_of(id));
    return text;
}
// Ten bad lines among three good ones.
std::string bad_lines() {
    std::string text;
    for (std::uint64_t i = 0; i < 13; ++i) {
        text += i % 5 == 2 ? lines(i, i) : R"({"id":1,"at":0,"where":{"lat":1,"lon":"x"},"notes":[]})" "\n";
    }
    return text;
}
std::string packed(std::string_view text) {
    z_stream deflater{};
    REQUIRE(::deflateInit2(&deflater, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(::deflateBound(&deflater, static_cast<uLong>(text.size())) + 64, '\0');
    deflater.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    deflater.avail_in = static_cast<uInt>(text.size());
    deflater.next_out = reinterpret_cast<Bytef*>(out.data());
    deflater.avail_out = static_cast<uInt>(out.size());
    REQUIRE(::deflate(&deflater, Z_FINISH) == Z_STREAM_END);
    out.resize(out.size() - deflater.avail_out);
    ::deflateEnd(&deflater);
    return out;
}

struct outcome {
    std::vector<stamped_reading> good;
    std::vector<weir::stamped<weir::bad_record>> bad;
    weir::run_report report;
};
template <class Runner, class... Options>
outcome run_over(const std::string& pattern, const Runner& runner, const Options&... options) {
    auto good = weir::collect_stamped<reading>();
    auto bad = weir::collect_stamped<weir::bad_record>();
    auto report = weir::run(
        weir::graph("read", weir::json_files<reading>(pattern, weir::dead_letter(bad), options...) | weir::into(good)),
        runner);
    CHECK(report.balanced());
    outcome seen{report.output(good), report.output(bad), {}};
    seen.report = std::move(report);
    return seen;
}
template <class Source>
std::vector<std::uint64_t> ids(Source source) {
    auto sink = weir::collect<reading>();
    const auto report = weir::run(weir::graph("read", std::move(source) | weir::into(sink)), weir::batch{});
    std::vector<std::uint64_t> found;
    for (const reading& each : report.output(sink)) found.push_back(each.id);
    return found;
}
template <class Source>
std::string failure(Source source, weir::error_kind kind) {
    try {
        static_cast<void>(ids(std::move(source)));
    } catch (const weir::error& problem) {
        CHECK(problem.kind() == kind);
        return problem.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("a pattern of JSON Lines is one log, the same in all modes") {
    const temporary_folder folder;
    folder.write("a.jsonl", lines(1, 2000));
    folder.write("b.jsonl", "");
    folder.write("c.jsonl", "\xEF\xBB\xBF" + lines(2001, 2001));
    folder.write("d.jsonl", packed(lines(2002, 4000)));
    const auto check = [&](const auto& runner) {
        const outcome seen = run_over(folder / "*.jsonl", runner);
        REQUIRE(seen.good.size() == 4000);
        CHECK(seen.bad.empty());
        for (std::size_t i = 0; i < seen.good.size(); ++i) {
            if (seen.good[i].record != reading_of(i + 1) || seen.good[i].at.at.position != i) FAIL(i);
        }
    };
    check(weir::event_loop{});
    check(weir::micro_batch{.max_records = 7});
    check(weir::batch{});
    check(weir::batch{.threads = 2, .chunk = 3});
    check(weir::available_now{});
    CHECK(ids(weir::json_files<reading>({folder / "c.jsonl", folder / "b.jsonl"})) == std::vector<std::uint64_t>{2001});
}

TEST_CASE("what json_lines writes, json_files reads") {
    const temporary_folder folder;
    std::vector<reading> made;
    for (std::uint64_t id = 0; id < 3000; ++id) made.push_back(reading_of(id));
    weir::run(weir::graph("write", weir::memory(made) | weir::into(weir::json_lines(folder / "a.jsonl"))),
              weir::batch{});
    auto sink = weir::collect<reading>();
    const auto source = weir::json_files<reading>(folder / "a.jsonl");
    const auto report = weir::run(weir::graph("read", source | weir::into(sink)), weir::batch{});
    CHECK(report.output(sink) == made);
    weir::run(weir::graph("copy", source | weir::into(weir::json_lines(folder / "b.jsonl"))), weir::event_loop{});
    CHECK(folder.read("a.jsonl") == folder.read("b.jsonl"));
}

TEST_CASE("the first bad record ends the run, or goes to the dead-letter sink in turn") {
    const temporary_folder folder;
    const auto path = folder.write("1.jsonl", bad_lines());
    const std::string first =
        path + ":1:39: field 'where.lon': \"\\\"x\\\"\" is a text, but a number is needed";
    CHECK(failure(weir::json_files<reading>(path), weir::error_kind::input) == first);
    const auto check = [&](const auto& runner) {
        const outcome seen = run_over(path, runner);
        REQUIRE(seen.good.size() == 3);
        REQUIRE(seen.bad.size() == 10);
        CHECK(seen.good[1].at.at.position == 7);
        CHECK(seen.bad[0].record.sentence() == first);
        CHECK(seen.bad[9].record.line == 12);
        CHECK(seen.bad[9].at.at.position == 11);
        CHECK(seen.report.stages.at(0).counts.dead_letter == 10);
    };
    check(weir::event_loop{});
    check(weir::micro_batch{.max_records = 2});
    check(weir::batch{});
    check(weir::batch{.threads = 2, .chunk = 1});
    weir::run(weir::graph("read", weir::json_files<reading>(path, weir::dead_letter(weir::json_lines(folder / "bad"))) |
                                      weir::into(weir::collect<reading>())),
              weir::batch{});
    CHECK(folder.read("bad").starts_with(R"({"source":")" + path + R"(","line":1,"column":39,"field":"where.lon",)"));
}

TEST_CASE("partitions, and what their logs hold") {
    const temporary_folder folder;
    folder.write("1.jsonl", lines(1, 50) + "bad\n");
    folder.write("2.jsonl", "bad\n" + lines(51, 100));
    for (const unsigned threads : {1U, 2U}) {
        const outcome seen = run_over(folder / "*.jsonl", weir::batch{.threads = threads}, weir::as_partitions);
        CHECK(seen.good.size() == 100);
        CHECK(seen.bad.size() == 2);
        CHECK(seen.good.back().at.at.from == weir::lane::partition(1));
    }
}

TEST_CASE("a job goes on in the middle of a file of JSON Lines") {
    const temporary_folder folder;
    folder.write("1.jsonl", "\xEF\xBB\xBF" + bad_lines());
    folder.write("2.jsonl", packed(bad_lines()));
    auto good = weir::collect_stamped<reading>();
    auto bad = weir::collect_stamped<weir::bad_record>();
    const weir::graph what(
        "read", weir::json_files<reading>(folder / "*.jsonl", weir::dead_letter(bad)) | weir::into(good));
    const auto whole = weir::run(what, weir::batch{});
    const auto how = weir::detail::plan_of(weir::event_loop{});
    for (std::uint64_t stop = 0; stop <= 26; ++stop) {
        weir::job first(what, how, weir::machine());
        first.advance(stop);
        weir::job second(what, how, weir::machine(), first.snapshot());
        second.run_to_end();
        const auto report = second.finish();
        CHECK(report.output(good) == whole.output(good));
        CHECK(report.output(bad) == whole.output(bad));
    }
}

TEST_CASE("lines of many megabytes") {
    const temporary_folder folder;
    const std::string note(20'000'000, 'n');
    const std::string long_line = R"({"id":2,"at":2000,"where":{"lat":1,"lon":2},"notes":[")" + note + "\"]}\n";
    const auto path = folder.write("1.jsonl", lines(1, 1) + long_line + lines(3, 3));
    const outcome seen = run_over(path, weir::batch{});
    CHECK(seen.good.size() == 2);
    REQUIRE(seen.bad.size() == 1);
    CHECK(seen.bad[0].record.line == 2);
    CHECK(seen.bad[0].record.raw.size() <= 4096);
    const outcome read = run_over(path, weir::batch{}, weir::json_options{.max_line_bytes = 1U << 25U});
    CHECK(read.bad.empty());
    REQUIRE(read.good.size() == 3);
    CHECK(read.good[1].record.notes == std::vector{note});
}

TEST_CASE("files that are not there, and options that make no sense") {
    const temporary_folder folder;
    CHECK(failure(weir::json_files<reading>(folder / "*.jsonl"), weir::error_kind::io) ==
          "json_files: no file matches '" + folder / "*.jsonl'");
    CHECK(failure(weir::json_files<reading>({folder / "no"}), weir::error_kind::io).find("no") != std::string::npos);
    CHECK(failure(weir::json_files<reading>(folder.write("a.gz", "no gzip")), weir::error_kind::io) != "no error");
    CHECK_THROWS_WITH(weir::json_files<reading>(std::vector<std::string>{}), "json_files needs at least one file");
    CHECK_THROWS_WITH(weir::json_files<reading>({""}), "json_files: the path of a file is empty");
    CHECK_THROWS_AS(weir::json_files<reading>("a", weir::json_options{.max_line_bytes = 0}), weir::error);
    const weir::graph what("g", weir::json_files<reading>("a.jsonl", weir::as_partitions) |
                                    weir::into(weir::collect<reading>()));
    CHECK(weir::explain(what).find("json_files") != std::string::npos);
    static_assert(weir::json_readable<reading> && !weir::json_readable<int> && !weir::json_readable<std::vector<int>>);
}

// SPDX-License-Identifier: Apache-2.0
// Files as logs, through real runs: which files, in which order, what is in them, and going on in the middle.
#include <zlib.h>

#include <catch2/catch.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sources/csv.hpp>

#include "temporary_folder.hpp"

namespace {

struct reading {
    std::uint64_t id = 0;
    weir::timestamp at{};
    std::string note;
    friend bool operator==(const reading&, const reading&) = default;
};
BOOST_DESCRIBE_STRUCT(reading, (), (id, at, note))

using stamped_reading = weir::stamped<reading>;

weir::timestamp at_second(std::int64_t second) { return weir::timestamp{std::chrono::seconds{second}}; }

// Rows with numbers and seconds first..last, in the header's order.
std::string rows(std::uint64_t first, std::uint64_t last) {
    std::string text = "id,at,note\n";
    for (std::uint64_t i = first; i <= last; ++i) {
        text += std::to_string(i) + "," + std::to_string(i * 1000) + ",n" + std::to_string(i) + "\n";
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

template <class Source, class Runner = weir::batch>
std::vector<stamped_reading> run_stamped(Source source, const Runner& runner = {}) {
    auto sink = weir::collect_stamped<reading>();
    const auto report = weir::run(weir::graph("read", std::move(source) | weir::into(sink)), runner);
    CHECK(report.balanced());
    return report.output(sink);
}

template <class Source, class Runner = weir::batch> std::vector<std::uint64_t> ids(Source source,
                                                                                   const Runner& runner = {}) {
    std::vector<std::uint64_t> found;
    for (const auto& each : run_stamped(std::move(source), runner)) found.push_back(each.record.id);
    return found;
}

template <class Source> std::string failure(Source source, weir::error_kind kind) {
    auto sink = weir::collect<reading>();
    try {
        weir::run(weir::graph("read", std::move(source) | weir::into(sink)), weir::batch{});
    } catch (const weir::error& problem) {
        CHECK(problem.kind() == kind);
        return problem.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("a pattern names files in bytewise order, and they are one log") {
    const temporary_folder folder;
    folder.write("a10.csv", rows(3, 4));
    folder.write("a2.csv", rows(5, 5));
    folder.write("A1.csv", rows(1, 2));
    folder.write("b.txt", "not for us");
    folder.write(".hidden.csv", "not for us either");
    const auto source = weir::csv_files<reading>(folder / "*.csv");
    const auto found =
        run_stamped(source | weir::event_time(&reading::at, weir::out_of_order(std::chrono::seconds{1})));
    REQUIRE(found.size() == 5);
    for (std::uint64_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].record ==
              reading{i + 1, at_second(static_cast<std::int64_t>(i + 1)), "n" + std::to_string(i + 1)});
        CHECK(found[i].at.at.position == i);  // one sequence of offsets across the borders
        CHECK(found[i].at.at.from == weir::lane::partition(0));
        // The watermark is carried across the borders, too.
        CHECK(found[i].at.watermark() == (i == 0 ? weir::time_lowest : at_second(static_cast<std::int64_t>(i) - 1)));
    }
    CHECK(ids(source, weir::event_loop{}) == std::vector<std::uint64_t>{1, 2, 3, 4, 5});
    CHECK(ids(source, weir::micro_batch{.max_records = 2}) == std::vector<std::uint64_t>{1, 2, 3, 4, 5});
    CHECK(ids(source, weir::available_now{}) == std::vector<std::uint64_t>{1, 2, 3, 4, 5});
}

TEST_CASE("a list of files is one log in its own order, each with a header of its own") {
    const temporary_folder folder;
    const auto first = folder.write("z.csv", rows(1, 2));
    const auto second = folder.write("a.csv", "note,unknown,at,id\n\"x,\ny\",?,3000,3\n");
    CHECK(ids(weir::csv_files<reading>({first, second})) == std::vector<std::uint64_t>{1, 2, 3});
    CHECK(ids(weir::csv_files<reading>(std::vector{second, first})) == std::vector<std::uint64_t>{3, 1, 2});
    CHECK(run_stamped(weir::csv_files<reading>({first, second})).back().record.note == "x,\ny");
}

TEST_CASE("as_partitions makes a log of each file") {
    const temporary_folder folder;
    folder.write("1.csv", rows(1, 3));
    folder.write("2.csv", rows(1, 2));
    auto source = weir::csv_files<reading>(folder / "?.csv", weir::as_partitions);
    static_assert(std::same_as<decltype(source)::port::order, weir::by_channel>);
    const auto found =
        run_stamped(source | weir::event_time(&reading::at, weir::out_of_order(std::chrono::seconds{0})));
    REQUIRE(found.size() == 5);
    CHECK(std::is_sorted(found.begin(), found.end(),
                         [](const auto& left, const auto& right) { return left.at.at < right.at.at; }));
    const auto second = std::count_if(found.begin(), found.end(),
                                      [](const auto& each) { return each.at.at.from == weir::lane::partition(1); });
    CHECK(second == 2);
}

TEST_CASE("byte order marks, CRLF and a last line without an end") {
    const temporary_folder folder;
    folder.write("1.csv", "\xEF\xBB\xBFid,at,note\r\n1,1000,a\r\n2,2000,\"b\r\"\r\n");
    folder.write("2.csv", "\xEF\xBB\xBFid,at,note\n3,3000,c");
    folder.write("3.csv", "id,at,note\n");
    folder.write("4.csv", "id,at,note\n4,4000,d\n\n");
    const auto found = run_stamped(weir::csv_files<reading>(folder / "*.csv"));
    REQUIRE(found.size() == 4);
    CHECK(found[0].record.note == "a");
    CHECK(found[1].record.note == "b\r");
    CHECK(found[3].record.note == "d");
}

TEST_CASE("options reach the decoder") {
    const temporary_folder folder;
    folder.write("1.csv", "id;at;note\n1;5;x,y\n");
    const weir::csv_options options{.separator = ';', .epoch = weir::time_unit::seconds};
    const auto found = run_stamped(weir::csv_files<reading>(folder / "1.csv", options));
    CHECK(found.at(0).record == reading{1, at_second(5), "x,y"});
    CHECK_THROWS_AS(weir::csv_files<reading>("1.csv", weir::csv_options{.separator = '"'}), weir::error);
}

TEST_CASE("files larger than a block, and a record larger than a block") {
    const temporary_folder folder;
    std::string text = rows(1, 40'000);
    text += "40001,0,\"" + std::string(700'000, 'x') + "\"\n40002,0,\n";
    folder.write("large.csv", text);
    folder.write("large.csv.gz", packed(text));
    for (const auto* name : {"large.csv", "large.csv.gz"}) {
        const auto found = run_stamped(weir::csv_files<reading>(folder / name));
        REQUIRE(found.size() == 40'002);
        CHECK(found[40'000].record.note.size() == 700'000);
        CHECK(found[40'001].record.id == 40'002);
        CHECK(found[39'999].record.note == "n40000");
    }
}

TEST_CASE("a packed file is read as what is in it") {
    const temporary_folder folder;
    folder.write("1.csv.gz", packed(rows(1, 1000)));
    folder.write("2.csv.gz", packed("id,at,note\n1001,0,\n10") + packed("02,0,\n") + packed("") + packed("1003,0,"));
    folder.write("3.csv", rows(1004, 1004));
    folder.write("4.GZ", packed(rows(1005, 1100)));
    folder.write("5.csv", packed(rows(1101, 1200)));
    const auto found = ids(weir::csv_files<reading>(folder / "*"));
    REQUIRE(found.size() == 1200);
    for (std::uint64_t i = 0; i < found.size(); ++i) CHECK(found[i] == i + 1);
}

TEST_CASE("a damaged packed file is an error that names it") {
    const temporary_folder folder;
    const std::string whole = packed(rows(1, 50'000));
    const auto fails = [&](std::string_view bytes) {
        const auto path = folder.write("a.csv.gz", bytes);
        const std::string sentence = failure(weir::csv_files<reading>(path), weir::error_kind::io);
        CHECK(sentence.find(path) != std::string::npos);
        return sentence;
    };
    CHECK(fails(std::string_view{whole}.substr(0, whole.size() / 2)).find("cut short") != std::string::npos);
    CHECK(fails(std::string_view{whole}.substr(0, whole.size() - 1)).find("cut short") != std::string::npos);
    CHECK(fails(std::string_view{whole}.substr(0, 5)).find("cut short") != std::string::npos);
    CHECK(fails("").find("is empty") != std::string::npos);
    CHECK(fails("id,at,note\n").find("damaged") != std::string::npos);
    CHECK(fails(whole + "rubbish behind it").find("damaged") != std::string::npos);
    std::string checksum = whole;
    checksum[checksum.size() - 6] ^= 1;
    CHECK(fails(checksum).find("damaged") != std::string::npos);
}

TEST_CASE("missing files are errors when the run starts") {
    const temporary_folder folder;
    folder.write("1.csv", rows(1, 1));
    const auto says = [](const std::string& sentence, const std::string& part) {
        INFO(sentence);
        CHECK(sentence.find(part) != std::string::npos);
    };
    using weir::error_kind;
    says(failure(weir::csv_files<reading>(folder / "2.csv"), error_kind::io), folder / "2.csv");
    says(failure(weir::csv_files<reading>(folder / "*.gz"), error_kind::io), "no file matches '" + folder / "*.gz'");
    says(failure(weir::csv_files<reading>(folder / "none/*.csv"), error_kind::io), folder / "none");
    says(failure(weir::csv_files<reading>({folder / "1.csv", folder / "3.csv"}), error_kind::io), folder / "3.csv");
    folder.write("4.csv", "");
    std::filesystem::create_directory(folder / "5.csv");
    says(failure(weir::csv_files<reading>(folder / "5.csv"), error_kind::io), "directory");
    CHECK_THROWS_WITH(weir::csv_files<reading>(std::vector<std::string>{}), "csv_files needs at least one file");
    CHECK_THROWS_WITH(weir::csv_files<reading>(""), "csv_files: the path of a file is empty");
}

TEST_CASE("a bad record ends the run with its place") {
    const temporary_folder folder;
    folder.write("1.csv", rows(1, 2000));
    const auto path = folder.write("2.csv", "id,at,note\n1,0,\n2,yesterday,x\n");
    CHECK(failure(weir::csv_files<reading>(folder / "*.csv"), weir::error_kind::input) ==
          path + ":3:3: field 'at': \"yesterday\" is neither an RFC 3339 time nor a whole number");
    folder.write("2.csv", "id,note\n");
    CHECK(failure(weir::csv_files<reading>(folder / "*.csv"), weir::error_kind::input) ==
          path + ":1: the column 'at' is missing; the header has id, note");
    folder.write("2.csv", "");
    CHECK(failure(weir::csv_files<reading>(folder / "*.csv"), weir::error_kind::input) ==
          path + ":1: the file is empty: its first line must be a header");
}

TEST_CASE("a job goes on in the middle of a file") {
    const temporary_folder folder;
    folder.write("1.csv", rows(1, 40));
    folder.write("2.csv.gz", packed(rows(41, 80)));
    folder.write("3.csv", rows(81, 100));
    auto sink = weir::collect_stamped<reading>();
    auto bad = weir::collect<weir::bad_record>();
    const weir::graph what("read", weir::csv_files<reading>(folder / "*", weir::dead_letter(bad)) |
                                       weir::event_time(&reading::at, weir::out_of_order(std::chrono::seconds{2})) |
                                       weir::into(sink));
    const auto how = weir::detail::plan_of(weir::batch{.chunk = 7});
    const auto whole = weir::run(what, weir::batch{}).output(sink);
    REQUIRE(whole.size() == 100);
    for (const std::uint64_t stop : {0U, 1U, 39U, 40U, 41U, 60U, 79U, 80U, 81U, 99U, 100U}) {
        weir::job first(what, how, weir::machine());
        first.advance(stop);
        const auto snapshot = first.snapshot();
        weir::job second(what, how, weir::machine(), snapshot);
        second.run_to_end();
        const auto report = second.finish();
        CHECK(report.output(sink) == whole);
        CHECK(report.balanced());
    }
}

TEST_CASE("a snapshot does not fit other files") {
    const temporary_folder folder;
    folder.write("1.csv", rows(1, 40));
    folder.write("2.csv", rows(1, 40));
    auto sink = weir::collect<reading>();
    const auto over = [&](std::vector<std::string> paths) {
        return weir::graph("read", weir::csv_files<reading>(std::move(paths)) | weir::into(sink));
    };
    const auto how = weir::detail::plan_of(weir::batch{.chunk = 7});
    const auto fails = [&](const weir::graph& what, const weir::job_snapshot& from) -> std::string {
        try {
            weir::job restored(what, how, weir::machine(), from);
        } catch (const weir::error& problem) {
            CHECK(problem.kind() == weir::error_kind::state);
            return problem.what();
        }
        return "no error";
    };
    weir::job first(over({folder / "1.csv", folder / "2.csv"}), how, weir::machine());
    first.advance(50);
    const auto in_second = first.snapshot();
    CHECK(fails(over({folder / "2.csv", folder / "1.csv"}), in_second).find("other files") != std::string::npos);
    CHECK(fails(over({folder / "1.csv"}), in_second).find("other files") != std::string::npos);
    folder.write("2.csv", "id,at,note\n");
    CHECK(fails(over({folder / "1.csv", folder / "2.csv"}), in_second).find("shorter") != std::string::npos);
}

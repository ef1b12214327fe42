// SPDX-License-Identifier: Apache-2.0
// A file that grows as a log, through real runs: half lines, files that are replaced, cut and removed, and going on
// from a snapshot. Every case is played on the machine's disk and on a simulated one.
#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include <weir/flow/explain.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/csv_tail.hpp>
#include <weir/sources/memory.hpp>
#include <weir/testing/configuration.hpp>

#include "sources/growing_file.hpp"

namespace {

using namespace std::chrono_literals;

struct row {
    std::uint64_t id = 0;
    std::string note;
    friend bool operator==(const row&, const row&) = default;
};
BOOST_DESCRIBE_STRUCT(row, (), (id, note))

struct moment {
    weir::timestamp at{};
};
BOOST_DESCRIBE_STRUCT(moment, (), (at))

const std::string header = "id,note\n";

// A tail that is read bit by bit.
class followed {
  public:
    explicit followed(growing_file& file, weir::tail_options options = {}, weir::csv_options csv = {})
        : file_(file), what_(make(std::move(options), csv)) {
        start();
    }
    // What has come since the last look, as "1 2 3".
    std::string look() {
        seen_->clear();
        while (job_->advance(100'000)) {
            if (seen_->size() == looked_) break;
            looked_ = seen_->size();
        }
        looked_ = 0;
        return *seen_;
    }
    void go_on_from_snapshot() { restore(job_->snapshot()); }
    [[nodiscard]] weir::job_snapshot snapshot() { return job_->snapshot(); }
    void restore(const weir::job_snapshot& from) {
        job_.reset();
        job_ = std::make_unique<weir::job>(what_, how_, file_.where(), from);
    }
    weir::run_report finish() { return job_->finish(); }
    [[nodiscard]] bool ended() const { return job_->ended(); }
    std::vector<weir::tail_change::kind> changes;
    std::string unfinished;

  private:
    weir::graph make(weir::tail_options options, const weir::csv_options& csv) {
        options.on_change = [this](const weir::tail_change& change) {
            changes.push_back(change.what);
            unfinished += change.unfinished;
        };
        const auto add = [seen = seen_](const std::string& text) { *seen += (seen->empty() ? "" : " ") + text; };
        auto bad = weir::for_each([add](const weir::bad_record& each) {
            add("!" + std::to_string(each.line) + ":" + std::to_string(each.column));
        });
        auto rows = weir::csv_tail<row>(file_.path(), std::move(options), csv, weir::dead_letter(bad));
        return weir::graph("followed", rows | weir::into(weir::for_each([add](const row& each) {
                                           add(std::to_string(each.id) + each.note);
                                       })));
    }
    void start() { job_ = std::make_unique<weir::job>(what_, how_, file_.where()); }

    growing_file& file_;
    std::shared_ptr<std::string> seen_ = std::make_shared<std::string>();
    std::size_t looked_ = 0;
    weir::detail::run_plan how_ = weir::detail::plan_of(weir::event_loop{});
    weir::graph what_;
    std::unique_ptr<weir::job> job_;
};

using kind = weir::tail_change::kind;

template <class Test> void on_both_disks(Test test) {
    SECTION("on the machine") {
        file_on_disk file;
        test(file);
    }
    SECTION("simulated") {
        simulated_growing_file file;
        test(file);
    }
}

}  // namespace

TEST_CASE("a tail reads what is there and goes on as the file grows") {
    on_both_disks([](growing_file& file) {
        followed tail(file);  // there is no file yet
        CHECK(tail.look() == "");
        file.append("");
        CHECK(tail.look() == "");
        file.append("id,no");
        CHECK(tail.look() == "");
        file.append("te\n1,a\n2,b\n");
        CHECK(tail.look() == "1a 2b");
        CHECK(tail.look() == "");
        file.append("3,c\n4,");
        CHECK(tail.look() == "3c");  // half a line is not read
        file.append("d");
        CHECK(tail.look() == "");
        file.append("\r");
        CHECK(tail.look() == "");
        file.append("\n5,\"e\n");  // a record may have several lines
        CHECK(tail.look() == "4d");
        file.append("f\"\n");
        CHECK(tail.look() == "5e\nf");
        CHECK_FALSE(tail.ended());
        const auto report = tail.finish();
        CHECK(report.balanced());
        CHECK(report.records == 5);
        CHECK(tail.changes == std::vector{kind::opened});
    });
}

TEST_CASE("a file that is replaced is read to its end, and the new one from its start") {
    on_both_disks([](growing_file& file) {
        file.append(header + "1,a\n");
        followed tail(file);
        CHECK(tail.look() == "1a");
        file.append("2,b\n");
        file.rename_to(file.beside(".1"));
        file.append_to(file.beside(".1"), "3,c\n");
        CHECK(tail.look() == "2b 3c");
        CHECK(tail.look() == "");
        file.append("");  // the new file is there, but its writer still has the old one
        CHECK(tail.look() == "");
        file.append_to(file.beside(".1"), "4,d\n5,e");
        CHECK(tail.look() == "4d");
        file.append("note,id\nf,6\n");
        CHECK(tail.look() == "5e 6f");  // the line break behind a file's last line is optional
        file.append("g,7\n");
        CHECK(tail.look() == "7g");
        CHECK(tail.changes == std::vector{kind::opened, kind::gone, kind::replaced, kind::opened});
        const auto report = tail.finish();
        CHECK(report.noted("files replaced") == 1);
        CHECK(report.noted("files followed") == 2);
        CHECK(report.to_text().find("1 files replaced") != std::string::npos);
    });
}

TEST_CASE("a file that is replaced by one as large is noticed") {
    on_both_disks([](growing_file& file) {
        file.append(header + "1,a\n2,b\n");
        followed tail(file);
        CHECK(tail.look() == "1a 2b");
        file.replace(header + "3,c\n4,d\n");
        CHECK(tail.look() == "3c 4d");
        file.replace(header + "3,c\n4,d\n");  // and by one with the same bytes
        CHECK(tail.look() == "3c 4d");
    });
}

TEST_CASE("a file that is cut is read from its start") {
    on_both_disks([](growing_file& file) {
        file.append(header + "1,a\n2,b\n3,half");
        followed tail(file);
        CHECK(tail.look() == "1a 2b");
        file.cut("");
        CHECK(tail.look() == "");
        CHECK(tail.unfinished == "3,half");
        file.append("note,id\nc,3\n");
        CHECK(tail.look() == "3c");
        file.cut("id,note\n4,d\n");  // as long as what was read
        CHECK(tail.look() == "4d");
        file.cut("id,note\n5,e\n6,f\n7,g\n8,h\n");  // longer
        CHECK(tail.look() == "5e 6f 7g 8h");
        file.cut("id,note\n9,");  // shorter
        CHECK(tail.look() == "");
        file.append("i\n");
        CHECK(tail.look() == "9i");
        CHECK(tail.changes == std::vector{kind::opened, kind::cut, kind::cut, kind::cut, kind::cut});
        CHECK(tail.finish().noted("files cut") == 4);
    });
}

TEST_CASE("a file that is removed is read on, and one that comes back continues the log") {
    on_both_disks([](growing_file& file) {
        file.append(header + "1,a\n");
        followed tail(file);
        CHECK(tail.look() == "1a");
        file.append("2,b\n");
        file.remove();
        CHECK(tail.look() == "2b");
        CHECK(tail.look() == "");
        file.append("");
        CHECK(tail.look() == "");
        file.append(header);
        CHECK(tail.look() == "");
        file.append("3,c\n");
        CHECK(tail.look() == "3c");
        CHECK(tail.changes == std::vector{kind::opened, kind::gone, kind::replaced, kind::opened});
    });
}

TEST_CASE("bad lines go where those of csv_files go, with their places and offsets of their own") {
    on_both_disks([](growing_file& file) {
        file.append(header + "x,a\n2,b\n\n3,c,d\n");
        followed tail(file, {}, {.max_line_bytes = 20});
        CHECK(tail.look() == "!2:1 2b !4:1 !5:5");
        file.append(std::string(25, '4'));  // a line that is too long is refused before it ends
        CHECK(tail.look() == "!6:1");
        file.append(std::string(25, '4'));
        CHECK(tail.look() == "");
        file.append("\n5,e\n\n");
        CHECK(tail.look() == "5e");
        file.append("6,f\n");  // only now it is known that the empty line was not the last
        CHECK(tail.look() == "!8:1 6f");
        file.replace("id,other\n7,g\n");  // no header for these records
        CHECK(tail.look() == "!1:1");
        file.append("8,h\n");
        CHECK(tail.look() == "");
        file.replace(header + "9,i\n");
        CHECK(tail.look() == "9i");
        CHECK(tail.finish().balanced());
    });
}

TEST_CASE("without dead letters a bad line ends the run and says where it is") {
    file_on_disk file;
    file.append(header + "1,a\n");
    const weir::graph what("tail", weir::csv_tail<row>(file.path()) | weir::into(weir::collect<row>()));
    weir::job running(what, weir::detail::plan_of(weir::event_loop{}), weir::machine());
    CHECK(running.advance(10));
    file.append("x,b\n");
    CHECK_THROWS_WITH(running.advance(10), file.path() + ":3:1: field 'id': \"x\" is not a number");
}

TEST_CASE("a tail goes on from a snapshot, wherever its file is now") {
    on_both_disks([](growing_file& file) {
        followed tail(file);
        tail.go_on_from_snapshot();  // before there is a file
        file.append(header + "1,a\n2,");
        CHECK(tail.look() == "1a");
        tail.go_on_from_snapshot();
        CHECK(tail.look() == "");
        file.append("b\n");
        CHECK(tail.look() == "2b");
        const auto taken = tail.snapshot();
        file.append("3,c\n");
        file.rename_to(file.beside(".1"));
        file.append(header + "4,d\n");
        tail.restore(taken);
        CHECK(tail.look() == "3c 4d");
        tail.restore(taken);  // and once more
        CHECK(tail.look() == "3c 4d");
        // While two files are known, of which one is not read yet.
        file.rename_to(file.beside(".2"));
        file.append(header);
        file.append("5,e\n");
        tail.go_on_from_snapshot();
        CHECK(tail.look() == "5e");
    });
}

TEST_CASE("a tail whose file is lost does not go on as if nothing had happened") {
    on_both_disks([](growing_file& file) {
        file.append(header + "1,a\n");
        followed tail(file);
        CHECK(tail.look() == "1a");
        const auto taken = tail.snapshot();
        const auto refused = [&] {
            try {
                tail.restore(taken);
            } catch (const weir::error& problem) {
                return problem.kind() == weir::error_kind::state &&
                       std::string{problem.what()}.find("lines of it may be missing") != std::string::npos;
            }
            return false;
        };
        followed lossy(file, {.resume_with_loss = true});
        file.cut("");
        CHECK(refused());
        file.cut("id,note\n2,b\n");
        CHECK(refused());
        lossy.restore(taken);
        CHECK(lossy.look() == "2b");
        file.remove();
        CHECK(refused());
        lossy.restore(taken);
        CHECK(lossy.look() == "");
        file.append("note,id\nc,3\n");
        CHECK(lossy.look() == "3c");
    });
}

TEST_CASE("a snapshot finds a file that has moved to another folder") {
    file_on_disk file;
    std::filesystem::create_directory(file.folder() / "old");
    file.append(header + "1,a\n");
    followed tail(file, {.rotated_to = file.folder() / "old/*.csv"});
    CHECK(tail.look() == "1a");
    const auto taken = tail.snapshot();
    file.append("2,b\n");
    file.rename_to(file.folder() / "old/2025.csv");
    file.append(header + "3,c\n");
    tail.restore(taken);
    CHECK(tail.look() == "2b 3c");
}

TEST_CASE("how a tail ends is up to the runner, or to `until`") {
    file_on_disk file;
    file.append(header + "1,a\n2,b\n3,");
    auto sink = weir::collect_stamped<row>();
    const weir::graph endless("tail", weir::csv_tail<row>(file.path()) | weir::into(sink));
    CHECK(weir::explain(endless).find("one log without an end, in turn") != std::string::npos);
    for (const auto& report : {weir::run(endless, weir::available_now{}), weir::run(endless, weir::batch{}),
                               weir::run(endless, weir::batch{.threads = 2})}) {
        CHECK_FALSE(report.reached_end);
        CHECK(report.output(sink).size() == 2);
    }
    const weir::graph ending(
        "tail", weir::csv_tail<row>(file.path(), weir::tail_options{.until = [] { return true; }}) | weir::into(sink));
    const auto wanted = weir::run(ending, weir::batch{});
    CHECK(wanted.reached_end);
    REQUIRE(wanted.output(sink).size() == 2);
    CHECK(wanted.output(sink)[1].at.at.position == 1);
    for (const auto& how : weir::testing::all_configurations({1, 7}, {1, 2}, 1)) {
        auto real = how;
        real.real_threads = true;
        CHECK(weir::testing::run_configured(ending, real).output(sink) == wanted.output(sink));
    }
}

TEST_CASE("what cannot be followed is said at once") {
    file_on_disk file;
    CHECK_THROWS_WITH(weir::csv_tail<row>(""), "csv_tail: the path of the file is empty");
    CHECK_THROWS_AS(weir::csv_tail<row>("a.csv.gz"), weir::error);
    CHECK_THROWS_AS(weir::csv_tail<row>("a.csv.zst"), weir::error);
    CHECK_THROWS_AS(weir::csv_tail<row>("a.csv.lz4"), weir::error);
    CHECK_THROWS_AS(weir::csv_tail<row>("a/"), weir::error);
    std::filesystem::create_directory(file.path());
    const weir::graph what("tail", weir::csv_tail<row>(file.path()) | weir::into(weir::collect<row>()));
    CHECK_THROWS_WITH(weir::run(what, weir::available_now{}),
                      "cannot follow '" + file.path() +
                          "': it is a folder, a device or a pipe, and no file that grows");
}

namespace {

// Lines of all kinds, most of them good; each number is used once.
std::string random_lines(weir::testing::seeded& random, std::uint64_t& number) {
    std::string text;
    for (auto lines = random.below(12); lines > 0; --lines) {
        text += std::to_string(++number) + ",";
        switch (random.below(8)) {
            case 0: text += "\"two\nlines, and a \"\"quote\"\"\""; break;
            case 1: text += "one,too many"; break;
            case 2: text += "a \" in the middle"; break;
            case 3: text += "\n"; break;  // and an empty line behind it
            case 4: text += std::string(static_cast<std::size_t>(random.below(300)), 'x'); break;
            default: text += "n"; break;
        }
        text += random.one_in(4) ? "\r\n" : "\n";
    }
    return text;
}

struct came_out {
    std::vector<weir::stamped<row>> rows;
    std::vector<weir::stamped<weir::bad_record>> bad;
    void forget_names() {
        for (auto& each : bad) each.record.source.clear();
    }
};

}  // namespace

TEST_CASE("what a tail read live is what csv_files reads from the files that are left") {
    const weir::csv_options limits{.max_line_bytes = 200};
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        INFO("seed " << seed);
        weir::testing::seeded random(seed);
        simulated_growing_file file;
        auto rows = weir::collect_stamped<row>();
        auto bad = weir::collect_stamped<weir::bad_record>();
        const weir::graph live("files", weir::csv_tail<row>(file.path(), limits, weir::dead_letter(bad)) |
                                            weir::into(rows));
        auto how = weir::detail::plan_of(weir::event_loop{});
        how.chunk = 1 + static_cast<std::size_t>(random.below(9));
        auto running = std::make_unique<weir::job>(live, how, file.where());
        std::vector<std::string> files;
        std::uint64_t number = 0;
        for (auto rotations = random.below(4) + 1; rotations > 0; --rotations) {
            std::string text = random.one_in(3) ? "\xEF\xBB\xBFnote,id\n" : header;
            if (random.one_in(5)) text = "other,header\n";
            text += random_lines(random, number) + random_lines(random, number);
            while (!text.empty()) {
                const auto piece = static_cast<std::size_t>(1 + random.below(std::min<std::size_t>(text.size(), 90)));
                file.append(std::string_view{text}.substr(0, piece));
                text.erase(0, piece);
                if (random.one_in(2)) running->advance(1 + random.below(20));
                if (!random.one_in(10)) continue;
                const auto taken = running->snapshot();
                running = std::make_unique<weir::job>(live, how, file.where(), taken);
            }
            running->advance(100'000);
            if (rotations == 1) break;
            if (random.one_in(2)) file.append(std::to_string(++number) + ",no line break");
            files.push_back(file.beside("." + std::to_string(rotations)));
            file.rename_to(files.back());
        }
        files.push_back(file.path());
        const auto report = running->finish();
        came_out seen{report.output(rows), report.output(bad)};
        const weir::graph cold("files", weir::csv_files<row>(files, limits, weir::dead_letter(bad)) | weir::into(rows));
        const auto wanted = weir::run(cold, weir::batch{}, file.where());
        came_out expected{wanted.output(rows), wanted.output(bad)};
        seen.forget_names();
        expected.forget_names();
        REQUIRE(seen.rows == expected.rows);
        REQUIRE(seen.bad == expected.bad);
        REQUIRE(report.stages.at(0).counts == wanted.stages.at(0).counts);
    }
}

TEST_CASE("a tail with nothing to read does not keep other logs from being read") {
    file_on_disk file;
    file.append(header);
    std::vector<row> others;
    for (std::uint64_t i = 0; i < 5000; ++i) others.push_back({i, "m"});
    std::size_t seen = 0;
    const weir::graph what("both", {weir::csv_tail<row>(file.path()) | weir::into(weir::for_each([](const row&) {})),
                                    weir::memory(others) | weir::into(weir::for_each([&](const row&) { ++seen; }))});
    weir::job running(what, weir::detail::plan_of(weir::event_loop{}), weir::machine());
    CHECK(running.advance(100'000));
    CHECK(seen == others.size());
}

TEST_CASE("what a merge must hold while a tail has nothing to read is bounded") {
    file_on_disk file;
    file.append("at\n");
    std::vector<moment> others;
    for (int i = 0; i < 5000; ++i) others.push_back({weir::timestamp{std::chrono::seconds{i}}});
    const auto timed = weir::event_time(&moment::at, weir::out_of_order(0s));
    std::size_t seen = 0;
    const weir::graph what("merged", weir::merge(weir::csv_tail<moment>(file.path()) | timed,
                                                 weir::memory(others) | timed) |
                                         weir::into(weir::for_each([&](const moment&) { ++seen; })));
    auto how = weir::detail::plan_of(weir::event_loop{});
    how.tuning.in_flight = 100;
    weir::job running(what, how, weir::machine());
    CHECK(running.advance(100'000));
    CHECK(seen == 0);
    file.append("2100-01-01T00:00:00Z\n");  // now the others may go on
    CHECK(running.advance(100'000));
    CHECK(seen >= 4999);
    const auto report = running.finish();
    CHECK(report.balanced());
}

TEST_CASE("a file that a thread writes and replaces is read without a gap or a double") {
    file_on_disk file;
    constexpr std::uint64_t rows_written = 20'000;
    std::atomic<std::uint64_t> replaced{0};
    std::atomic<bool> opened{false};
    std::atomic<bool> done{false};
    file.append(header);
    std::thread writer([&] {
        while (!opened.load()) std::this_thread::yield();
        weir::testing::seeded random(7);
        std::uint64_t rotations = 0;
        std::string text;
        for (std::uint64_t i = 0; i < rows_written; ++i) {
            text += std::to_string(i) + ",n\n";
            if (random.one_in(3)) {
                const auto piece = static_cast<std::size_t>(random.below(text.size() + 1));
                file.append(std::string_view{text}.substr(0, piece));
                text.erase(0, piece);
            }
            if (random.one_in(1000) && replaced.load() == rotations) {
                file.append(text);
                file.rename_to(file.beside("." + std::to_string(rotations++)));
                text = header;
            }
        }
        file.append(text);
        done = true;
    });
    weir::tail_options how;
    how.until = [&] { return done.load(); };
    how.on_change = [&](const weir::tail_change& change) {
        opened = true;
        if (change.what == kind::replaced) ++replaced;
    };
    auto sink = weir::collect_stamped<row>();
    const weir::graph what("grown", weir::csv_tail<row>(file.path(), how) | weir::into(sink));
    const auto report = weir::run(what, weir::event_loop{});
    writer.join();
    const auto& found = report.output(sink);
    std::uint64_t first_missing = 0;
    while (first_missing < found.size() && found[first_missing].record.id == first_missing) ++first_missing;
    CHECK(first_missing == rows_written);
    REQUIRE(found.size() == rows_written);
    bool in_order = true;
    for (std::uint64_t i = 0; i < rows_written; ++i) {
        in_order &= found[i].record.id == i && found[i].at.at.position == i;
    }
    CHECK(in_order);
    CHECK(report.noted("files replaced") == replaced.load());
}

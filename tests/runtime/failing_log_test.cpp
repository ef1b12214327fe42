// SPDX-License-Identifier: Apache-2.0
// A log that cannot be read on ends a run, but what had been read of it before is carried through first.
#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/csv.hpp>
#include <weir/sources/csv_tail.hpp>
#include <weir/sources/followed_by.hpp>
#include <weir/sources/memory.hpp>

#include "sources/growing_file.hpp"

namespace {

using namespace std::chrono_literals;

struct row {
    std::uint64_t id = 0;
    weir::timestamp at{};
};
BOOST_DESCRIBE_STRUCT(row, (), (id, at))

struct count_of_key {
    std::uint64_t rows = 0;
};
BOOST_DESCRIBE_STRUCT(count_of_key, (), (rows))

const std::string header = "id,at\n";
const std::string bad_row = "seven,7\n";

std::string rows(std::uint64_t first, std::uint64_t last) {
    std::string text;
    for (std::uint64_t id = first; id <= last; ++id) text += std::to_string(id) + "," + std::to_string(id) + "\n";
    return text;
}
std::vector<std::uint64_t> ids(std::uint64_t last) {
    std::vector<std::uint64_t> all;
    for (std::uint64_t id = 1; id <= last; ++id) all.push_back(id);
    return all;
}

// Every row through a keyed stage that takes its records in turn, to a sink that takes them in turn.
struct counting {
    std::shared_ptr<std::vector<std::uint64_t>> seen = std::make_shared<std::vector<std::uint64_t>>();

    weir::graph operator()(auto source) const {
        auto counted = source | weir::event_time(&row::at, weir::out_of_order(0ns)) | weir::key_by([](const row& each) {
                           return each.id % 5;
                       }) |
                       weir::named("counts", weir::process<count_of_key, row>(
                                                 [](auto& context, const row& each, count_of_key& count) {
                                                     ++count.rows;
                                                     context.emit(row{each});
                                                 }));
        return weir::graph("counting", counted | weir::into(weir::for_each([seen = seen](const row& each) {
                                           seen->push_back(each.id);
                                       })));
    }
};

std::string what_it_threw(const std::function<void()>& act) {
    try {
        act();
    } catch (const weir::error& problem) {
        CHECK(problem.kind() == weir::error_kind::input);
        return problem.what();
    }
    return "nothing";
}

}  // namespace

TEST_CASE("an engine delivers every row before a bad one, then it fails", "[runtime]") {
    for (const unsigned threads : {1U, 2U, 4U}) {
        CAPTURE(threads);
        for (const std::size_t good : {0U, 1U, 40U, 3000U}) {
            CAPTURE(good);
            file_on_disk file;
            file.append(header + rows(1, good) + bad_row + rows(good + 1, good + 20));
            const counting made;
            auto engine = weir::start(made(weir::csv_tail<row>(file.path())), weir::event_loop{.threads = threads});
            const auto report = engine.wait();
            REQUIRE_FALSE(report);
            CHECK(report.failure().text() == "the engine has failed: " + file.path() + ":" +
                                                     std::to_string(good + 2) +
                                                     ":1: field 'id': \"seven\" is not a number");
            CHECK(*made.seen == ids(good));
        }
    }
}

TEST_CASE("rows of a file that grows are not lost when a bad one comes with them", "[runtime]") {
    for (const unsigned threads : {1U, 3U}) {
        CAPTURE(threads);
        simulated_growing_file file;
        file.append(header);
        const counting made;
        auto engine = weir::start_polled(made(weir::csv_tail<row>(file.path())), weir::event_loop{.threads = threads},
                                         file.where());
        const auto poll = [&] {
            for (int i = 0; i < 100; ++i) engine.poll();
        };
        file.append(rows(1, 3));
        poll();
        CHECK(*made.seen == ids(3));
        file.append(rows(4, 9) + bad_row + rows(10, 12));
        poll();
        CHECK(*made.seen == ids(9));
        CHECK_FALSE(engine.running());
        const auto report = engine.wait();
        REQUIRE_FALSE(report);
        CHECK(std::string{report.failure().text()}.find(":11:1: field 'id': \"seven\"") != std::string::npos);
    }
}

TEST_CASE("every runner carries what stands before a bad row", "[runtime]") {
    temporary_folder folder;
    folder.write("a.csv", header + rows(1, 500));
    folder.write("b.csv", header + rows(501, 900) + "901\n" + rows(902, 950));
    const auto check = [&](const auto& how) {
        const counting made;
        const auto what = made(weir::csv_files<row>({folder / "a.csv", folder / "b.csv"}));
        CHECK(what_it_threw([&] { static_cast<void>(weir::run(what, how)); }) ==
              folder / "b.csv" + ":402:4: the line \"901\" has 1 fields, but the header has 2");
        CHECK(*made.seen == ids(900));
    };
    for (const unsigned threads : {1U, 2U}) {
        CAPTURE(threads);
        check(weir::event_loop{.threads = threads});
        check(weir::micro_batch{.every = 1h, .max_records = 64, .threads = threads});
        check(weir::batch{.threads = threads});
    }
}

TEST_CASE("a file in the middle that cannot be used at all does not take those before it along", "[runtime]") {
    temporary_folder folder;
    folder.write("a.csv", header + rows(1, 10));
    folder.write("b.csv", "id,when\n1,1\n");
    const counting made;
    CHECK(what_it_threw([&] {
              static_cast<void>(weir::run(made(weir::csv_files<row>(folder / "*.csv")), weir::batch{}));
          }).find("b.csv:1: the column 'at' is missing") != std::string::npos);
    CHECK(*made.seen == ids(10));
}

TEST_CASE("a bad row behind a seam ends the run in its place", "[runtime]") {
    simulated_growing_file file;
    file.append(header + rows(21, 30) + bad_row);
    std::vector<row> history;
    for (const std::uint64_t id : ids(20)) history.push_back({id, weir::timestamp{weir::duration{id}}});
    const counting made;
    const auto what = made(weir::followed_by(weir::memory(history), weir::csv_tail<row>(file.path())));
    CHECK(what_it_threw([&] { static_cast<void>(weir::run(what, weir::batch{}, file.where())); }).find(":12:1: ") !=
          std::string::npos);
    CHECK(*made.seen == ids(30));
}

// The bad row is met while another log uses up what may be read: the job has not failed yet.
TEST_CASE("a job that goes on from a snapshot before a bad row meets it again", "[runtime]") {
    temporary_folder folder;
    for (const std::uint64_t budget : {1U, 7U, 10U, 11U, 12U}) {
        CAPTURE(budget);
        folder.write("a.csv", header + rows(1, 10) + bad_row);
        const counting made;
        const auto what = made(weir::csv_files<row>(folder / "a.csv"));
        const auto how = weir::detail::plan_of(weir::event_loop{});
        std::string wrong;
        weir::job_snapshot last;
        {
            weir::job first(what, how, weir::machine());
            last = first.snapshot();
            wrong = what_it_threw([&] {
                while (first.advance(budget)) last = first.snapshot();
            });
        }
        CHECK(*made.seen == ids(10));
        weir::job second(what, how, weir::machine(), last);
        CHECK(what_it_threw([&] {
                  while (second.advance(100)) {}
              }) == wrong);
    }
}

// SPDX-License-Identifier: Apache-2.0
// Standard input as a log: bit by bit, to its end.
#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sources/csv_stdin.hpp>

#include "piped_input.hpp"
#include "temporary_folder.hpp"

namespace {

struct row {
    std::uint64_t id = 0;
    std::string note;
    friend bool operator==(const row&, const row&) = default;
};
BOOST_DESCRIBE_STRUCT(row, (), (id, note))

}  // namespace

TEST_CASE("standard input is read as it comes, and to its end") {
    piped_input input;
    auto sink = weir::collect_stamped<row>();
    auto bad = weir::collect<weir::bad_record>();
    const weir::graph what("piped", weir::csv_stdin<row>(weir::dead_letter(bad)) | weir::into(sink));
    weir::job running(what, weir::detail::plan_of(weir::event_loop{}), weir::machine());
    CHECK(running.advance(100));  // nothing is there, and nobody waits for it
    input.write("id,no");
    CHECK(running.advance(100));
    input.write("te\n1,a\nx,b\n2,");
    CHECK(running.advance(100));
    input.write("c\r\n3,d");
    input.close();
    CHECK_FALSE(running.advance(100));
    const auto report = running.finish();
    CHECK(report.balanced());
    CHECK(report.reached_end);
    REQUIRE(report.output(sink).size() == 3);
    CHECK(report.output(sink)[2].record == row{3, "d"});
    CHECK(report.output(sink)[2].at.at.position == 3);
    CHECK(report.output(bad).at(0).sentence() == "standard input:3:1: field 'id': \"x\" is not a number");
}

TEST_CASE("all of a long standard input comes through, whoever runs it") {
    for (const int runner : {0, 1, 2}) {
        piped_input input;
        constexpr std::uint64_t count = 100'000;
        std::thread writer([&] {
            input.write("id,note\n");
            std::string text;
            for (std::uint64_t i = 0; i < count; ++i) {
                text += std::to_string(i) + "," + std::string(i % 9, 'n') + "\n";
                if (text.size() < i % 5000) continue;
                input.write(text);
                text.clear();
            }
            input.write(text);
            input.close();
        });
        auto sink = weir::collect<row>();
        const weir::graph what("piped", weir::csv_stdin<row>() | weir::into(sink));
        const auto report = runner == 0   ? weir::run(what, weir::batch{})
                            : runner == 1 ? weir::run(what, weir::event_loop{.threads = 2})
                                          : weir::run(what, weir::micro_batch{.max_records = 100});
        writer.join();
        const auto& found = report.output(sink);
        REQUIRE(found.size() == count);
        bool same = true;
        for (std::uint64_t i = 0; i < count; ++i) same &= found[i].id == i && found[i].note.size() == i % 9;
        CHECK(same);
    }
}

TEST_CASE("a file may stand in for standard input") {
    const temporary_folder folder;
    const auto path = folder.write("in.csv", "id,note\n1,a\n2,b");
    piped_input restored_afterwards;
    REQUIRE(std::freopen(path.c_str(), "r", stdin) != nullptr);
    auto sink = weir::collect<row>();
    const weir::graph what("piped", weir::csv_stdin<row>() | weir::into(sink));
    CHECK(weir::run(what, weir::available_now{}).output(sink) == std::vector<row>{{1, "a"}, {2, "b"}});
}

TEST_CASE("an empty standard input is an empty log") {
    piped_input input;
    input.close();
    auto sink = weir::collect<row>();
    const weir::graph what("piped", weir::csv_stdin<row>() | weir::into(sink));
    CHECK(weir::run(what, weir::batch{}).output(sink).empty());
}

TEST_CASE("standard input has one reader, and comes once") {
    piped_input input;
    input.write("id,note\n1,a\n");
    const auto source = weir::csv_stdin<row>();
    const weir::graph twice("twice", {source | weir::into(weir::collect<row>()),
                                      weir::csv_stdin<row>() | weir::into(weir::collect<row>())});
    CHECK_THROWS_WITH(weir::run(twice, weir::batch{}), "standard input is read by another source: only one can");
    const weir::graph once("once", source | weir::into(weir::collect<row>()));
    const auto how = weir::detail::plan_of(weir::event_loop{});
    auto running = std::make_unique<weir::job>(once, how, weir::machine());
    running->advance(10);
    const auto taken = running->snapshot();
    running.reset();
    CHECK_THROWS_WITH(weir::job(once, how, weir::machine(), taken), Catch::Contains("standard input comes once"));
}

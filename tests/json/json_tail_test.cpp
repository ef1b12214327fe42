// SPDX-License-Identifier: Apache-2.0
// A file of JSON Lines that grows. What all tails promise is tested with CSV; here is that this one keeps it.
#include <catch2/catch.hpp>

#include <weir/json/json_tail.hpp>
#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/for_each.hpp>

#include "sources/growing_file.hpp"

namespace {

struct row {
    std::uint64_t id = 0;
    std::string note;
};
BOOST_DESCRIBE_STRUCT(row, (), (id, note))

std::string line(int id) { return "{\"id\":" + std::to_string(id) + ",\"note\":\"n\"}\n"; }

void check_tail(growing_file& file) {
    std::string seen;
    auto bad = weir::for_each([&seen](const weir::bad_record& each) {
        seen += "!" + std::to_string(each.line) + ":" + each.field + " ";
    });
    const auto rows =
        weir::json_tail<row>(file.path(), weir::json_options{.max_line_bytes = 100}, weir::dead_letter(bad));
    const weir::graph what("followed", rows | weir::into(weir::for_each([&seen](const row& each) {
                                           seen += std::to_string(each.id) + " ";
                                       })));
    const auto how = weir::detail::plan_of(weir::event_loop{});
    auto running = std::make_unique<weir::job>(what, how, file.where());
    const auto look = [&] {
        seen.clear();
        for (std::string before = "?"; before != seen;) {
            before = seen;
            static_cast<void>(running->advance(100'000));
        }
        return seen;
    };
    CHECK(look().empty());
    file.append(line(1) + line(2) + "{\"id\":3,\"no");
    CHECK(look() == "1 2 ");  // half a line is not read
    file.append("te\":\"a\"}");
    CHECK(look().empty());
    file.append("\n{\"id\":\"x\",\"note\":\"\"}\n{\"id\":4");
    CHECK(look() == "3 !4:id ");
    // A snapshot in the middle of a line.
    const weir::job_snapshot stands = running->snapshot();
    running = std::make_unique<weir::job>(what, how, file.where(), stands);
    file.append(",\"note\":\"\"}\n" + std::string(5000, 'x'));
    CHECK(look() == "4 !6: ");
    file.append("xx\n" + line(7) + "\n");
    CHECK(look() == "7 ");  // a blank line may be the last
    file.append(line(9));
    CHECK(look() == "!8: 9 ");
    CHECK(running->finish().balanced());
}

}  // namespace

TEST_CASE("a tail of JSON Lines reads what is there and goes on as the file grows") {
    SECTION("on the machine") {
        file_on_disk file;
        check_tail(file);
    }
    SECTION("simulated") {
        simulated_growing_file file;
        check_tail(file);
    }
}

TEST_CASE("paths that cannot be followed") {
    CHECK_THROWS_WITH(weir::json_tail<row>(""), "json_tail: the path of the file is empty");
    CHECK_THROWS_WITH(weir::json_tail<row>("a.gz"), Catch::EndsWith("read it with json_files"));
    CHECK_THROWS_WITH(weir::json_tail<row>("a/"), Catch::StartsWith("json_tail: 'a/' is a folder"));
}

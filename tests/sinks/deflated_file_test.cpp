// SPDX-License-Identifier: Apache-2.0
// Files of sinks whose names end in .gz are packed, and sources read them back.
#include <catch2/catch.hpp>

#include <random>

#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sinks/deflated_file.hpp>
#include <weir/sinks/json_lines.hpp>
#include <weir/sources/csv.hpp>
#include <weir/sources/inflated_file.hpp>
#include <weir/sources/memory.hpp>

#include "temporary_folder.hpp"

namespace {

struct item {
    int id = 0;
    std::string note;
    friend bool operator==(const item&, const item&) = default;
};
BOOST_DESCRIBE_STRUCT(item, (), (id, note))

std::vector<item> items(int count) {
    std::vector<item> made;
    for (int i = 0; i < count; ++i) made.push_back({i, "note \"" + std::to_string(i * 7919 % 1000) + "\""});
    return made;
}

std::string inflated(const std::string& path) {
    const auto file = weir::detail::inflate(weir::machine().open_input(path), path);
    std::string text;
    std::string block(10'000, '\0');
    for (std::size_t count = 1; count != 0;) {
        count = file->read(block);
        text.append(block, 0, count);
    }
    return text;
}

}  // namespace

TEST_CASE("what is written in any pieces is the same packed file, and is read back") {
    const temporary_folder folder;
    std::mt19937_64 random(1);
    std::string text;
    for (int i = 0; i < 200'000; ++i) text += static_cast<char>(random() % (i % 50'000 < 25'000 ? 256 : 4));
    const auto write = [&](const std::string& name, std::size_t most) {
        auto file = weir::detail::deflate(weir::machine().create_output(folder / name), folder / name);
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t size = std::min(text.size() - at, 1 + random() % most);
            file->write(std::string_view{text}.substr(at, size));
            at += size;
        }
        file->sync();
    };
    write("a.gz", 1);
    write("b.gz", 1000);
    write("c.gz", text.size());
    CHECK(inflated(folder / "a.gz") == text);
    CHECK(folder.read("a.gz") == folder.read("b.gz"));
    CHECK(folder.read("a.gz") == folder.read("c.gz"));
}

TEST_CASE("nothing packed is a file that can be read, and what follows a sync is a member of its own") {
    const temporary_folder folder;
    auto file = weir::detail::deflate(weir::machine().create_output(folder / "a.gz"), folder / "a.gz");
    file->sync();
    CHECK(inflated(folder / "a.gz").empty());
    file->write("one ");
    file->sync();
    file->sync();
    file->write("two");
    file->sync();
    CHECK(inflated(folder / "a.gz") == "one two");
}

TEST_CASE("sinks pack a file whose name ends in .gz, the same in all modes") {
    const temporary_folder folder;
    const auto made = items(40'000);
    std::string first;
    const auto check = [&](const auto& runner) {
        weir::run(weir::graph("g", weir::memory(made) | weir::into(weir::csv(folder / "a.csv.gz")),
                              weir::memory(made) | weir::into(weir::json_lines(folder / "a.jsonl.gz"))),
                  runner);
        const std::string bytes = folder.read("a.csv.gz") + folder.read("a.jsonl.gz");
        if (first.empty()) first = bytes;
        CHECK(bytes == first);
        auto sink = weir::collect<item>();
        const auto source = weir::csv_files<item>(folder / "a.csv.gz");
        const auto report = weir::run(weir::graph("read", source | weir::into(sink)), weir::batch{});
        CHECK(report.output(sink) == made);
    };
    check(weir::event_loop{});
    check(weir::micro_batch{.max_records = 100});
    check(weir::batch{});
    check(weir::batch{.threads = 2, .chunk = 7});
    CHECK(inflated(folder / "a.jsonl.gz").starts_with(R"({"id":0,"note":"note \"0\""})"));
    CHECK(folder.names() == std::vector<std::string>{"a.csv.gz", "a.jsonl.gz"});
    CHECK(first.size() < 1'000'000);
}

// SPDX-License-Identifier: Apache-2.0
// What is asked of sources and sinks of packed files, whatever packs them.
#pragma once
#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sinks/csv_rolling.hpp>
#include <weir/sinks/json_lines.hpp>
#include <weir/sinks/json_lines_rolling.hpp>
#include <weir/sources/csv.hpp>
#include <weir/sources/memory.hpp>

#include "packed_files.hpp"

namespace packed_files {

struct item {
    int id = 0;
    std::string note;
    friend bool operator==(const item&, const item&) = default;
};
BOOST_DESCRIBE_STRUCT(item, (), (id, note))

inline std::vector<item> items(int count) {
    std::vector<item> made;
    for (int i = 0; i < count; ++i) made.push_back({i, "note \"" + std::to_string(i * 7919 % 1000) + "\""});
    return made;
}

inline std::string csv_text(const std::vector<item>& some) {
    std::string text = "id,note\n";
    for (const item& each : some) {
        text += std::to_string(each.id) + ",\"note \"\"" + each.note.substr(6, each.note.size() - 7) + "\"\"\"\n";
    }
    return text;
}

template <class Source, class Runner = weir::batch>
std::vector<item> read_items(const Source& source, const Runner& runner = {}) {
    auto sink = weir::collect<item>();
    return weir::run(weir::graph("read", source | weir::into(sink)), runner).output(sink);
}

// `given` is what sources and sinks need to know of the codec: itself, or nothing.
template <class... Given> void runs_write_and_read(const weir::file_codec& codec, const Given&... given) {
    const temporary_folder folder;
    const auto made = items(40'000);
    const std::string csv = "a.csv" + codec.ending;
    const std::string json = "a.jsonl" + codec.ending;
    const weir::roll_options roll{.bytes = 400'000};
    std::string first;
    const auto check = [&](const auto& runner) {
        std::filesystem::remove_all(folder / "r");
        weir::run(weir::graph("g", weir::memory(made) | weir::into(weir::csv(folder / csv, given...)),
                              weir::memory(made) | weir::into(weir::json_lines(folder / json, given...)),
                              weir::memory(made) |
                                  weir::into(weir::csv_rolling(folder / "r/*.csv" + codec.ending, roll, given...)),
                              weir::memory(made) | weir::into(weir::json_lines_rolling(
                                                       folder / "r/*.jsonl" + codec.ending, roll, given...))),
                  runner);
        const std::string bytes =
            folder.read(csv) + folder.read(json) + folder.read("r/000001.csv" + codec.ending) +
            folder.read("r/000002.csv" + codec.ending) + folder.read("r/000002.jsonl" + codec.ending);
        if (first.empty()) first = bytes;
        CHECK(bytes == first);
        CHECK(read_items(weir::csv_files<item>(folder / csv, given...), runner) == made);
        CHECK(read_items(weir::csv_files<item>(folder / "r/*.csv" + codec.ending, given...), runner) == made);
    };
    check(weir::event_loop{});
    check(weir::micro_batch{.max_records = 100});
    check(weir::batch{});
    check(weir::batch{.threads = 2, .chunk = 7});
    CHECK(unpack(codec, folder.read(csv)) == csv_text(made));
    CHECK(folder.read(csv) == pack(codec, csv_text(made)));
    CHECK(unpack(codec, folder.read(json)).starts_with(R"({"id":0,"note":"note \"0\""})"));
    CHECK(folder.names() == std::vector<std::string>{csv, json, "r"});
    CHECK(first.size() < 1'500'000);
    const weir::csv_options semicolons{.separator = ';'};
    weir::run(weir::graph("g", weir::memory(made) | weir::into(weir::csv(folder / "s" + codec.ending, semicolons,
                                                                         given...))),
              weir::batch{});
    CHECK(read_items(weir::csv_files<item>(folder / "s" + codec.ending, given..., semicolons)) == made);
}

template <class... Given> void jobs_go_on_in_the_middle(const weir::file_codec& codec, const Given&... given) {
    const temporary_folder folder;
    const auto some = items(60);
    const auto part = [&](int from, int to) {
        return csv_text({some.begin() + from, some.begin() + to});
    };
    const std::string second_file = part(20, 40);
    folder.write("1.csv" + codec.ending, pack(codec, part(0, 20)));
    folder.write("2.csv" + codec.ending,
                 pack(codec, second_file.substr(0, 150)) + pack(codec, second_file.substr(150)));
    folder.write("3.csv", pack(codec, part(40, 60)));  // its first bytes tell what it is
    auto sink = weir::collect_stamped<item>();
    const weir::graph what("read", weir::csv_files<item>(folder / "*", given...) | weir::into(sink));
    const auto whole = weir::run(what, weir::batch{}).output(sink);
    REQUIRE(whole.size() == some.size());
    const auto how = weir::detail::plan_of(weir::batch{.chunk = 7});
    for (std::uint64_t stop = 0; stop <= some.size(); ++stop) {
        weir::job first(what, how, weir::machine());
        first.advance(stop);
        weir::job second(what, how, weir::machine(), first.snapshot());
        second.run_to_end();
        CHECK(second.finish().output(sink) == whole);
    }
    weir::job first(what, how, weir::machine());
    first.advance(39);
    folder.write("2.csv" + codec.ending, pack(codec, second_file.substr(0, 60)));
    CHECK_THROWS_WITH(weir::job(what, how, weir::machine(), first.snapshot()),
                      Catch::Contains("is shorter than it was"));
}

template <class... Given> void damage_ends_a_run(const weir::file_codec& codec, const Given&... given) {
    const temporary_folder folder;
    const std::string whole = pack(codec, csv_text(items(50'000)));
    const auto fails = [&](std::string_view bytes) -> std::string {
        const auto path = folder.write("a.csv" + codec.ending, bytes);
        try {
            auto bad = weir::collect<weir::bad_record>();
            static_cast<void>(read_items(weir::csv_files<item>(path, weir::dead_letter(bad), given...)));
        } catch (const weir::error& problem) {
            CHECK(problem.kind() == weir::error_kind::io);
            CHECK(std::string_view{problem.what()}.find(path) != std::string_view::npos);
            return problem.what();
        }
        return "no error";
    };
    CHECK(fails(std::string_view{whole}.substr(0, whole.size() / 2)).find("is cut short") != std::string::npos);
    CHECK(fails("").find("is empty") != std::string::npos);
    CHECK(fails("id,note\n").find("is damaged") != std::string::npos);
    std::string damaged = whole;
    damaged[damaged.size() / 2] ^= 1;
    CHECK(fails(damaged).find("is damaged") != std::string::npos);
}

}  // namespace packed_files

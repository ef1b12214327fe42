// SPDX-License-Identifier: Apache-2.0
// Rolling files in runs with checkpoints: what is where, what the commit record says, what is refused.
#include <catch2/catch.hpp>

#include <weir/flow/explain.hpp>
#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sources/memory.hpp>

#include "sinks/checkpointed_sink.hpp"

using namespace file_subjects;
using Catch::Contains;
using names = std::vector<std::string>;
using rolling_sink = checkpointed_sink<weir::csv_rolling_sink>;

namespace {

std::string rows(std::uint64_t from, std::uint64_t to) {
    std::string text = "number,text\n";
    for (std::uint64_t i = from; i < to; ++i) text += std::to_string(i) + "," + entry_of(i).text + "\n";
    return text;
}

// A file holds three records.
auto by_three(const temporary_folder& folder, weir::roll_options how = {}) {
    how.event_time = std::chrono::milliseconds{3};
    return weir::csv_rolling(folder / "r-*.csv", how);
}

template <class Action> void refused(Action&& action, weir::error_kind kind, const std::string& why) {
    try {
        action();
        FAIL("not refused: " << why);
    } catch (const weir::error& problem) {
        CHECK(problem.kind() == kind);
        CHECK_THAT(problem.what(), Contains("csv_rolling sink '") && Contains(why));
    }
}

std::string record_line(std::uint64_t number, const std::string& text) {
    return fmt::format(R"({{"name":"r-{:06}.csv","bytes":{},"crc32c":"{:08x}"}})", number, text.size(),
                       weir::crc32c(text));
}

}  // namespace

TEST_CASE("files appear with their epoch, and the record of it behind them") {
    const temporary_folder folder;
    const auto sink = by_three(folder);
    std::string state;
    {
        rolling_sink first(sink);
        CHECK(first.promise() == weir::delivery::exactly_once);
        first.take(0, 8);
        CHECK(folder.names() == names{".r-000001.csv.part", ".r-000002.csv.part", ".r-000003.csv.part"});
        state = first.prepared();
        CHECK(folder.names() == names{".r-000001.csv.part", ".r-000002.csv.part", ".r-000003.csv.part"});
        first.commit();
        first.commit();
        CHECK(folder.names() == names{".r-000003.csv.part", "_committed-r-000002.csv.json", "r-000001.csv",
                                      "r-000002.csv"});
        CHECK(folder.read("r-000002.csv") == rows(3, 6));
        CHECK(folder.read("_committed-r-000002.csv.json") ==
              "{\"epoch\":1,\"files\":[" + record_line(1, rows(0, 3)) + ",\n" + record_line(2, rows(3, 6)) + "]}\n");
        first.take(8, 20);
        CHECK(first.end_epoch() != nullptr);
        first.run().finish(false);
    }
    CHECK(folder.read(".r-000003.csv.part") == rows(6, 9));
    rolling_sink second(sink, state);
    CHECK(folder.names() == names{".r-000003.csv.part", "_committed-r-000002.csv.json", "r-000001.csv",
                                  "r-000002.csv"});
    CHECK(folder.read(".r-000003.csv.part") == rows(6, 8));
    CHECK(second.end_epoch() == nullptr);
    second.take(8, 10);
    state = second.committed(true);
    CHECK(folder.names() == names{"_committed-r-000002.csv.json", "_committed-r-000004.csv.json", "r-000001.csv",
                                  "r-000002.csv", "r-000003.csv", "r-000004.csv"});
    CHECK(folder.read("r-000003.csv") == rows(6, 9));
    // The logs may have grown when they had ended.
    rolling_sink third(sink, state);
    third.take(10, 11);
    third.committed(true);
    CHECK(folder.read("r-000005.csv") == rows(10, 11));
}

TEST_CASE("a file of another run is not replaced, and once it is gone nothing is lost") {
    const temporary_folder folder;
    const auto sink = by_three(folder);
    rolling_sink first(sink);
    first.take(0, 7);
    const std::string state = first.prepared();
    folder.write("r-000002.csv", rows(3, 6) + "more");
    refused([&] { first.commit(); }, weir::error_kind::io, "r-000002.csv': a file of another run has this name");
    refused([&] { rolling_sink again(sink, state); }, weir::error_kind::io, "r-000002.csv': a file of another run");
    CHECK(folder.read("r-000002.csv") == rows(3, 6) + "more");
    CHECK(folder.read(".r-000002.csv.part") == rows(3, 6));
    std::filesystem::remove(folder / "r-000002.csv");
    folder.write("_committed-r-000002.csv.json", "{}");
    refused([&] { rolling_sink again(sink, state); }, weir::error_kind::io, "_committed-r-000002.csv.json': a file of");
    std::filesystem::remove(folder / "_committed-r-000002.csv.json");
    // The same content is the same file.
    folder.write("r-000002.csv", rows(3, 6));
    rolling_sink again(sink, state);
    CHECK(entries_of_records(folder / "").size() == 6);
    CHECK(folder.names() == names{".r-000003.csv.part", "_committed-r-000002.csv.json", "r-000001.csv",
                                  "r-000002.csv"});
}

TEST_CASE("readers may take files away that a record lists") {
    const temporary_folder folder;
    const auto sink = by_three(folder);
    rolling_sink first(sink);
    first.take(0, 7);
    const std::string state = first.committed();
    std::filesystem::remove(folder / "r-000001.csv");
    std::filesystem::remove(folder / "r-000002.csv");
    { rolling_sink second(sink, state); }
    CHECK(folder.names() == names{".r-000003.csv.part", "_committed-r-000002.csv.json"});
    std::filesystem::remove(folder / "_committed-r-000002.csv.json");
    refused([&] { rolling_sink second(sink, state); }, weir::error_kind::state,
            "r-000001.csv': it was complete, 31 bytes, and is there no more");
}

TEST_CASE("a file that was cut or changed is not published") {
    const temporary_folder folder;
    const auto sink = by_three(folder);
    rolling_sink first(sink);
    first.take(0, 7);
    const std::string state = first.prepared();
    std::filesystem::resize_file(folder / ".r-000002.csv.part", 5);
    refused([&] { rolling_sink second(sink, state); }, weir::error_kind::state,
            "r-000002.csv.part' has 5: somebody changed it");
    std::filesystem::remove(folder / ".r-000002.csv.part");
    refused([&] { rolling_sink second(sink, state); }, weir::error_kind::state, "r-000002.csv': it was complete");
}

TEST_CASE("a checkpoint from before a file was published does not touch it") {
    const temporary_folder folder;
    const auto sink = by_three(folder);
    rolling_sink first(sink);
    first.take(0, 2);
    const std::string early = first.committed();
    first.take(2, 4);
    const std::string late = first.prepared();
    // As if the process had died in the middle of commit().
    std::filesystem::create_hard_link(folder / ".r-000001.csv.part", folder / "r-000001.csv");
    refused([&] { rolling_sink again(sink, early); }, weir::error_kind::state,
            "r-000001.csv': a later checkpoint than this one has published it already");
    CHECK(folder.read("r-000001.csv") == rows(0, 3));
    // Neither does a run that begins anew.
    rolling_sink beside(sink);
    refused([&] { beside.take(0, 1); }, weir::error_kind::io, "is there already, of another run");
    rolling_sink anew(by_three(folder, {.after_existing = true}));
    anew.take(0, 3);
    CHECK(folder.read("r-000001.csv") == rows(0, 3));
    CHECK(folder.names() == names{".r-000002.csv.part", "r-000001.csv"});
}

TEST_CASE("a run that begins anew counts behind files and records that are there") {
    const temporary_folder folder;
    folder.write("r-000007.csv", "");
    folder.write("_committed-r-000009.csv.json", "");
    folder.write(".r-000002.csv.part", "forgotten");
    folder.write("._committed-r-000002.csv.json.part", "forgotten");
    folder.write(".r-2.csv.x.part", "of somebody else");
    rolling_sink first(by_three(folder, {.after_existing = true}));
    first.take(0, 4);
    first.committed();
    CHECK(folder.names() == names{".r-000011.csv.part", ".r-2.csv.x.part", "_committed-r-000009.csv.json",
                                  "_committed-r-000010.csv.json", "r-000007.csv", "r-000010.csv"});
    const temporary_folder other;
    other.write("_committed-r-000009.csv.json", "");
    rolling_sink second(by_three(other));
    refused([&] { second.take(0, 1); }, weir::error_kind::io, "_committed-r-000009.csv.json' is there already");
}

TEST_CASE("an epoch may have many files") {
    const temporary_folder folder;
    rolling_sink sink(weir::csv_rolling(folder / "*.csv", {.bytes = 1}));
    sink.take(0, 100);
    sink.committed(true);
    CHECK(entries_of_records(folder / "").size() == 100);
    CHECK(folder.names().size() == 101);
}

TEST_CASE("files by epoch") {
    const temporary_folder folder;
    const auto sink = weir::csv_rolling(folder / "r-*.csv", {.every_epoch = true});
    rolling_sink first(sink);
    CHECK(first.end_epoch() == nullptr);
    first.take(0, 2);
    first.committed();
    CHECK(first.end_epoch() == nullptr);
    first.take(2, 5);
    first.committed();
    CHECK(folder.read("r-000001.csv") == rows(0, 2));
    CHECK(folder.read("r-000002.csv") == rows(2, 5));
    // A run without checkpoints is one epoch.
    const temporary_folder plain;
    const auto entries = weir::generate(5, [](std::uint64_t i) { return entry_of(i); });
    const weir::graph what("g", entries | weir::into(weir::csv_rolling(plain / "*.csv", {.every_epoch = true})));
    CHECK_THAT(weir::explain(what), Contains("which file a record is in depends on when checkpoints are taken"));
    weir::job running(what, weir::detail::plan_of(weir::batch{}), weir::machine());
    CHECK_THROWS_WITH(running.snapshot(), Contains("files belong to checkpoints"));
    running.run_to_end();
    running.finish();
    CHECK(plain.names() == names{"000001.csv"});
    CHECK(plain.read("000001.csv") == rows(0, 5));
}

TEST_CASE("names that leave no room for hidden ones are refused with checkpoints") {
    const temporary_folder folder;
    refused([&] { rolling_sink sink(weir::csv_rolling(folder / std::string(200, 'n') + "*", {.bytes = 1})); },
            weir::error_kind::configuration, "at most 200 bytes");
    rolling_sink longest(weir::csv_rolling(folder / std::string(199, 'n') + "*", {.bytes = 1}));
    longest.take(0, 3);
    longest.committed(true);
    CHECK(folder.names().size() == 4);
}

TEST_CASE("names in records are JSON, whatever they hold") {
    using weir::detail::commit_record_text;
    CHECK(commit_record_text(3, {{"a/\"\xC3\xA4\"", {1, 2}}}) ==
          "{\"epoch\":3,\"files\":[{\"name\":\"\\\"\xC3\xA4\\\"\",\"bytes\":1,\"crc32c\":\"00000002\"}]}\n");
    CHECK(commit_record_text(3, {{"\xE4", {}}}) ==
          "{\"epoch\":3,\"files\":[{\"name\":\"\\\\xe4\",\"bytes\":0,\"crc32c\":\"00000000\"}]}\n");
}

// SPDX-License-Identifier: Apache-2.0
// A file over several runs, with checkpoints: what is where, and what is refused.
#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

#include <weir/sinks/collect.hpp>
#include <weir/sinks/csv_stdout.hpp>
#include <weir/sinks/for_each.hpp>

#include "sinks/checkpointed_sink.hpp"

using namespace file_subjects;
using Catch::Contains;
using names = std::vector<std::string>;

namespace {

std::string csv_of(std::uint64_t count) {
    std::string text = "number,text\n";
    for (std::uint64_t i = 0; i < count; ++i) text += std::to_string(i) + "," + entry_of(i).text + "\n";
    return text;
}

// Whether the error is one of kind state that says all of it.
template <class Action> void refused(Action&& action, const std::string& path, const std::string& why) {
    try {
        action();
        FAIL("not refused: " << why);
    } catch (const weir::error& problem) {
        CHECK(problem.kind() == weir::error_kind::state);
        CHECK_THAT(problem.what(), Contains("sink '" + path + "': ") && Contains(why));
    }
}

}  // namespace

TEST_CASE("a file grows under a hidden name over runs, and gets its own with the last epoch") {
    const temporary_folder folder;
    const auto sink = weir::csv(folder.write("out.csv", "of another run"));
    std::string state;
    {
        checkpointed_sink first(sink);
        CHECK(first.promise() == weir::delivery::exactly_once);
        CHECK_FALSE(first.run().publishes());
        first.take(0, 10);
        state = first.committed();
        first.take(10, 20'000);
        CHECK(folder.read("out.csv") == "of another run");
        CHECK(folder.names() == names{".out.csv.part", "out.csv"});
        first.run().finish(true);
    }
    CHECK(folder.read(".out.csv.part").size() > csv_of(10).size());
    checkpointed_sink second(sink, state);
    CHECK(folder.read(".out.csv.part") == csv_of(10));
    second.take(10, 12);
    CHECK(second.committed() != state);
    CHECK(second.end_epoch() == nullptr);
    CHECK(folder.read(".out.csv.part") == csv_of(12));
    state = second.prepared(true);
    CHECK(folder.read("out.csv") == "of another run");
    second.commit();
    second.commit();
    second.run().finish(true);
    CHECK(folder.names() == names{"out.csv"});
    CHECK(folder.read("out.csv") == csv_of(12));
    // A run that goes on where all has been said.
    checkpointed_sink third(sink, state);
    CHECK(third.end_epoch(true) == nullptr);
    CHECK(third.state() == state);
    third.run().finish(true);
    CHECK(folder.read("out.csv") == csv_of(12));
    refused([&] { third.take(12, 13); }, folder / "out.csv", "nothing can be added");
}

TEST_CASE("what a run without a checkpoint finds of others is begun anew") {
    const temporary_folder folder;
    const auto sink = weir::csv(folder / "out.csv");
    {
        checkpointed_sink first(sink);
        first.take(0, 20'000);
        first.run().finish(false);
    }
    CHECK(folder.names() == names{".out.csv.part"});
    checkpointed_sink second(sink);
    second.take(0, 3);
    second.committed(true);
    CHECK(folder.names() == names{"out.csv"});
    CHECK(folder.read("out.csv") == csv_of(3));
}

TEST_CASE("a file that somebody removed, cut or changed is not taken for what it was") {
    const temporary_folder folder;
    const std::string path = folder / "out.csv";
    const std::string staged = folder / ".out.csv.part";
    const auto sink = weir::csv(path);
    checkpointed_sink first(sink);
    first.take(0, 5);
    const std::string early = first.committed();
    first.take(5, 10);
    const std::string late = first.prepared(true);
    const auto recover = [&](const std::string& state) { return [&] { checkpointed_sink again(sink, state); }; };

    std::filesystem::resize_file(staged, csv_of(5).size() - 1);
    refused(recover(early), path, "somebody cut it");
    refused(recover(late), path, "somebody changed it");
    std::filesystem::remove(staged);
    refused(recover(early), path, "is not there any more: '" + staged + "' was removed, or a later checkpoint");
    refused(recover(late), path, "is there no more, neither under its name nor as '" + staged + "'");
    folder.write("out.csv", "of another run");
    refused(recover(late), path, "somebody removed or changed it");
    CHECK(folder.read("out.csv") == "of another run");
    std::string newer = early;
    constexpr std::size_t behind_the_ledger = 7 * 8;
    ++newer.at(behind_the_ledger);
    refused(recover(newer), path, "in a way that this version of weir does not");
}

TEST_CASE("files of long names have hidden names of their own") {
    const temporary_folder folder;
    const std::string one = std::string(250, 'n') + ".a";
    const std::string other = std::string(250, 'n') + ".b";
    checkpointed_sink first(weir::csv(folder / one));
    checkpointed_sink second(weir::csv(folder / other));
    first.take(0, 1);
    second.take(0, 2);
    first.committed(true);
    second.committed(true);
    CHECK(folder.names() == names{one, other});
    CHECK(folder.read(one) == csv_of(1));
}

TEST_CASE("an unfinished file is still no part of an in-memory snapshot") {
    const temporary_folder folder;
    checkpointed_sink first(weir::csv(folder / "out.csv"));
    refused([&] { static_cast<void>(first.state()); }, folder / "out.csv", "files belong to checkpoints");
    first.take(0, 1);
    refused([&] { static_cast<void>(first.state()); }, folder / "out.csv", "files belong to checkpoints");
    first.committed();
    CHECK(first.state() != "");
    first.take(1, 2);
    refused([&] { static_cast<void>(first.state()); }, folder / "out.csv", "files belong to checkpoints");
}

TEST_CASE("a packed file that went on after a crash is one for the programs of its codec") {
    for (const auto& [ending, program] : {std::pair{".gz", "gzip"}, std::pair{".zst", "zstd"}}) {
        const temporary_folder folder;
        const auto sink = weir::csv(folder / "out.csv" + ending);
        std::string state;
        for (std::uint64_t at = 0; at < 30'000; at += 5'000) {
            auto run = state.empty() ? std::make_unique<checkpointed_sink<weir::csv_sink>>(sink)
                                     : std::make_unique<checkpointed_sink<weir::csv_sink>>(sink, state);
            run->take(at, at + 5'000);
            state = run->committed(at == 25'000);
            if (at != 25'000) run->take(at + 5'000, at + 15'000);
        }
        CHECK(folder.names() == names{std::string{"out.csv"} + ending});
        const std::string command = std::string{program} + " -dc '" + (folder / "out.csv") + ending + "' > '" +
                                    (folder / "plain") + "'";
        CHECK(std::system(command.c_str()) == 0);
        CHECK(folder.read("plain") == csv_of(30'000));
    }
}

TEST_CASE("epochs are prepared and committed by one thread while another one writes") {
    for (const char* name : {"out.csv", "out.csv.gz", "out.csv.zst"}) {
        const temporary_folder folder;
        checkpointed_sink sink(weir::csv(folder / name));
        std::unique_ptr<weir::sink_epoch> epoch;
        std::atomic<bool> given{false};
        std::thread other([&] {
            for (int done = 0; done < 30; ++done) {
                while (!given.load()) std::this_thread::yield();
                epoch->prepare();
                epoch->commit();
                epoch.reset();
                given.store(false);
            }
        });
        for (std::uint64_t at = 0; at < 30; ++at) {
            sink.take(at * 1'000, at * 1'000 + 1'000);
            while (given.load()) std::this_thread::yield();
            epoch = sink.end_epoch(at == 29);
            given.store(true);
        }
        other.join();
        CHECK(text_of_file(folder / name) == csv_of(30'000));
    }
}

TEST_CASE("a sink says what becomes of its records when a run crashes and goes on") {
    const auto promise = [](const auto& sink) { return checkpointed_sink(sink).promise(); };
    CHECK(promise(weir::for_each([](const entry&) {})) == weir::delivery::at_least_once);
    CHECK(promise(weir::csv_stdout()) == weir::delivery::at_least_once);
    CHECK(promise(weir::collect<entry>()) == weir::delivery::exactly_once);
}

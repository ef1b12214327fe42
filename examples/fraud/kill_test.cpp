// SPDX-License-Identifier: Apache-2.0
// Whatever moment weir-fraud is killed in, and however often, its output is that of one run that was not: nothing lost,
// nothing doubled. It is killed by SIGKILL, at random times and at named places (base/kill_point.hpp), also while it
// recovers; this program, which is not killed, compares.
//
// WEIR_KILLS says how many kills, 150 if nothing does and 1,000 in tests/run --full; WEIR_KILL_SEED which.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <thread>

#include <weir/runtime/checkpoint_store.hpp>
#include <weir/testing/simulation.hpp>

#include "program_test.hpp"

extern char** environ;

namespace {

using namespace fraud_test;
using namespace std::chrono_literals;
using weir::testing::seeded;

constexpr std::array places{"at rest",
                            "state copied",
                            "a sink has prepared",
                            "before a sink commits",
                            "epoch durable",
                            "epoch committed",
                            "folder tidied",
                            "before the last checkpoint",
                            "in recovery, before sinks recover",
                            "after recovery"};

struct setting {
    std::string mode;
    std::string threads;
    [[nodiscard]] std::string text() const { return mode + " with " + threads + " threads"; }
};
const std::array<setting, 6> settings{{{"batch", "1"},
                                           {"batch", "2"},
                                           {"micro-batch", "1"},
                                           {"micro-batch", "2"},
                                           {"event-loop", "1"},
                                           {"event-loop", "2"}}};

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* const said = std::getenv(name);
    return said == nullptr ? otherwise : std::strtoull(said, nullptr, 10);
}

// One run of the program, in a folder of its own.
class program {
  public:
    program(const std::vector<std::string>& arguments, const std::string& said, const std::string& kill_at) {
        std::vector<char*> words;
        words.push_back(const_cast<char*>(WEIR_FRAUD_KILLABLE));
        for (const std::string& each : arguments) words.push_back(const_cast<char*>(each.c_str()));
        words.push_back(nullptr);
        const std::string kill = "WEIR_KILL_AT=" + kill_at;
        std::vector<char*> variables;
        for (char** each = environ; *each != nullptr; ++each) variables.push_back(*each);
        if (!kill_at.empty()) variables.push_back(const_cast<char*>(kill.c_str()));
        variables.push_back(nullptr);
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&files, 1, said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        posix_spawn_file_actions_adddup2(&files, 1, 2);
        REQUIRE(posix_spawn(&process_, words[0], &files, nullptr, words.data(), variables.data()) == 0);
        posix_spawn_file_actions_destroy(&files);
    }
    void kill() const { ::kill(process_, SIGKILL); }
    void send(int signal) const { ::kill(process_, signal); }
    // Its exit code; empty if it was killed.
    std::optional<int> wait() const {
        int status = 0;
        while (waitpid(process_, &status, 0) < 0) {
        }
        if (WIFSIGNALED(status)) {
            REQUIRE(WTERMSIG(status) == SIGKILL);
            return std::nullopt;
        }
        return WEXITSTATUS(status);
    }

  private:
    pid_t process_ = 0;
};

struct tally {
    std::uint64_t kills = 0, at_places = 0, runs = 0, completed = 0, resumed = 0;
};

class kill_suite {
  public:
    kill_suite(const char* command, std::uint64_t seed) : command_(command), random_(seed) {
        input_ = folder() + "killed.csv";
        REQUIRE(weir_fraud("generate --cards 3000 --transactions 150000 --days 20 --seed 4 --output " + input_) == 0);
        const std::string output = folder() + "whole.csv";
        const auto began = std::chrono::steady_clock::now();
        const program whole({command_, "--input", input_, "--output", output}, folder() + "said.txt", "");
        REQUIRE(whole.wait() == 0);
        takes_ = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
        expected_ = whole_file(output);
        expected_late_ = whole_file(output + ".late.csv");
        REQUIRE(expected_.size() > 1'000'000);
    }

    // Kills a job again and again, lets it come to its end, and compares.
    void one_job(const setting& how, tally& so_far) {
        const std::string work = folder() + "job/";
        fs::remove_all(work);
        fs::create_directories(work);
        const std::string output = work + "output.csv";
        // From run to run.
        const bool modes_change = random_.below(4) == 0;
        const bool threads_change = random_.below(2) == 0;
        const std::uint64_t kills = 1 + random_.below(12);
        bool ended_once = false;
        for (std::uint64_t killed = 0;;) {
            const bool to_the_end = killed >= kills;
            const bool at_place = !to_the_end && random_.below(10) < 3;
            std::string place;
            if (at_place) {
                place = std::string{places[random_.below(places.size())]} + "#" + std::to_string(1 + random_.below(4));
            }
            setting now = modes_change ? settings[random_.below(settings.size())] : how;
            if (threads_change) now.threads = std::to_string(1 + random_.below(4));
            const std::vector<std::string> arguments{command_,       "--input",      input_,         "--output",
                                                     output,         "--mode",       now.mode,       "--threads",
                                                     now.threads,    "--interval",   "10ms",         "--checkpoint",
                                                     work + "state", "--every",      "20ms"};
            const program running(arguments, folder() + "said.txt", place);
            ++so_far.runs;
            if (!to_the_end && !at_place) {
                const auto longest = static_cast<std::uint64_t>(takes_.count());
                std::this_thread::sleep_for(std::chrono::microseconds{random_.below(longest)});
                running.kill();
            }
            const std::optional<int> ended = running.wait();
            const std::string said = whole_file(folder() + "said.txt");
            CAPTURE(now.text(), killed, place, said);
            if (said.find("resumed from epoch") != std::string::npos) ++so_far.resumed;
            if (!ended) {
                ++so_far.kills;
                so_far.at_places += at_place ? 1 : 0;
                ++killed;
                continue;
            }
            REQUIRE(*ended == 0);
            ++so_far.completed;
            REQUIRE(whole_file(output) == expected_);
            REQUIRE(whole_file(output + ".late.csv") == expected_late_);
            // A job that was faster than its kill may be started once more: its end is a place to go on from, too.
            if (to_the_end || std::exchange(ended_once, true)) break;
        }
        // Nothing else is left beside what was asked for.
        std::size_t files = 0;
        for (const auto& each : fs::directory_iterator(work)) files += each.is_regular_file() ? 1U : 0U;
        CHECK(files == 2);
    }

  private:
    std::string command_;
    seeded random_;
    std::string input_;
    std::string expected_, expected_late_;
    std::chrono::microseconds takes_{};
};

}  // namespace

TEST_CASE("killed at any moment, features are those of a run that was not", "[kill]") {
    const std::uint64_t wanted = number_from("WEIR_KILLS", number_from("WEIR_FULL", 0) != 0 ? 1'000 : 150);
    const std::uint64_t seed = number_from("WEIR_KILL_SEED", 1);
    CAPTURE(seed);
    kill_suite suite("features", seed);
    tally all;
    for (std::size_t i = 0; all.kills < wanted; ++i) suite.one_job(settings[i % settings.size()], all);
    std::printf("%lu kills, %lu of them at named places; %lu runs, %lu came to their end, each with the bytes of a run "
                "that was not killed: 0 lost, 0 doubled\n",
                static_cast<unsigned long>(all.kills), static_cast<unsigned long>(all.at_places),
                static_cast<unsigned long>(all.runs), static_cast<unsigned long>(all.completed));
    CHECK(all.at_places > wanted / 10);
}

TEST_CASE("SIGTERM ends a run with a savepoint, from which the next one goes on", "[kill]") {
    const std::string work = folder() + "terminated/";
    fs::create_directories(work);
    const std::string input = work + "input.csv";
    REQUIRE(weir_fraud("generate --cards 3000 --transactions 400000 --days 20 --seed 5 --output " + input) == 0);
    const std::string whole = work + "whole.csv";
    REQUIRE(weir_fraud("features --input " + input + " --output " + whole) == 0);
    const std::string output = work + "output.csv";
    const std::vector<std::string> arguments{"features", "--input", input, "--output", output, "--checkpoint",
                                             work + "state"};
    const program first(arguments, folder() + "said.txt", "");
    std::this_thread::sleep_for(300ms);
    first.send(SIGTERM);
    REQUIRE(first.wait() == 0);
    const std::string said = whole_file(folder() + "said.txt");
    CAPTURE(said);
    CHECK(said.find("checkpoints: 1 taken") != std::string::npos);
    CHECK(!fs::exists(output));  // not before its end
    // In another folder, from there.
    std::vector<std::string> elsewhere = arguments;
    elsewhere.back() = work + "other state";
    elsewhere.insert(elsewhere.end(), {"--savepoint", work + "state"});
    const program second(elsewhere, folder() + "said.txt", "");
    std::this_thread::sleep_for(200ms);
    second.send(SIGUSR1);
    REQUIRE(second.wait() == 0);
    CHECK(whole_file(folder() + "said.txt").find("resumed from epoch 1") != std::string::npos);
    std::vector<std::string> problems;
    const auto kept = weir::list_checkpoints(weir::machine(), work + "other state", problems);
    CHECK(problems.empty());
    CHECK(std::count_if(kept.begin(), kept.end(), [](const auto& each) { return each.savepoint; }) == 1);
    CHECK(whole_file(output) == whole_file(whole));
    // And once more: there is nothing left to do.
    const program third(elsewhere, folder() + "said.txt", "");
    REQUIRE(third.wait() == 0);
    CHECK(whole_file(output) == whole_file(whole));
}


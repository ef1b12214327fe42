// SPDX-License-Identifier: Apache-2.0
// follow: a file grows while it runs, and its decisions are those that decide writes.
#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "generate.hpp"
#include "program_test.hpp"

#include <weir/runtime/run.hpp>

namespace {

using namespace std::chrono_literals;
using namespace fraud_test;

// weir-fraud follow, as it runs.
class following {
  public:
    explicit following(const std::string& file) {
        // What is read later is of this program: it has begun, and has its own way with signals.
        fs::remove(folder() + "followed.jsonl");
        fs::remove(folder() + "followed.err");
        child_ = fork();
        REQUIRE(child_ >= 0);
        if (child_ != 0) return;
        const auto redirect = [](const std::string& to, int what) {
            const int opened = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
            return opened >= 0 && dup2(opened, what) >= 0;
        };
        if (redirect(folder() + "followed.jsonl", STDOUT_FILENO) &&
            redirect(folder() + "followed.err", STDERR_FILENO)) {
            execl(WEIR_FRAUD, WEIR_FRAUD, "follow", file.c_str(), static_cast<char*>(nullptr));
        }
        _exit(127);
    }
    following(const following&) = delete;
    following& operator=(const following&) = delete;
    ~following() {
        if (child_ <= 0) return;
        kill(child_, SIGKILL);
        waitpid(child_, nullptr, 0);
    }

    // Its exit code; -1 if a signal ended it.
    int end_by(int signal) {
        kill(child_, signal);
        return end();
    }
    int end() {
        int status = 0;
        waitpid(child_, &status, 0);
        child_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    [[nodiscard]] static std::string out() { return whole_file(folder() + "followed.jsonl"); }
    [[nodiscard]] static std::string err() { return whole_file(folder() + "followed.err"); }
    // Until there are so many lines; false if they do not come.
    [[nodiscard]] static bool has_written(std::ptrdiff_t lines) {
        for (int tries = 0; tries < 3'000; ++tries) {
            const std::string now = out();
            if (std::count(now.begin(), now.end(), '\n') >= lines) return true;
            std::this_thread::sleep_for(10ms);
        }
        return false;
    }

  private:
    pid_t child_ = 0;
};

void append(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

std::string some_traffic(std::uint64_t transactions) {
    const std::string path = folder() + "to_follow.csv";
    fraud::traffic_options options;
    options.cards = 20;
    options.transactions = transactions;
    options.days = 10;
    static_cast<void>(weir::run(fraud::generate(options, path), weir::batch{}));
    return path;
}

std::string decided(const std::string& input) {
    REQUIRE(weir_fraud("decide --input " + input + " --output " + folder() + "decided.jsonl") == 0);
    return whole_file(folder() + "decided.jsonl");
}

}  // namespace

TEST_CASE("follow prints what decide writes, while the file grows") {
    const std::string whole = some_traffic(3'000);
    const std::string text = whole_file(whole);
    const std::string expected = decided(whole);
    const std::string growing = folder() + "growing.csv";
    fs::remove(growing);

    following program(growing);  // before there is a file
    // In pieces that end within lines; what has ended is decided on before more comes.
    std::size_t place = 0;
    for (const std::size_t more : {1UL, 60UL, 1'000UL, 3UL, 50'000UL, 20'000UL}) {
        append(growing, text.substr(place, more));
        place += more;
        const std::string there = text.substr(0, place);
        const auto rows = std::count(there.begin(), there.end(), '\n') - 1;
        REQUIRE(following::has_written(rows));
        CHECK(expected.starts_with(following::out()));
    }
    append(growing, text.substr(place));
    REQUIRE(following::has_written(3'000));
    CHECK(program.end_by(SIGINT) == 0);
    CHECK(following::out() == expected);
    const std::string said = following::err();
    CAPTURE(said);
    CHECK(said.find("decision lines") != std::string::npos);
    CHECK(said.find("3000") != std::string::npos);
    CHECK(said.find('\r') == std::string::npos);  // a status line is for terminals
}

TEST_CASE("follow decides on what is there when it is told to end") {
    const std::string whole = some_traffic(2'000);
    const std::string expected = decided(whole);
    following program(whole);
    REQUIRE(following::has_written(1));
    CHECK(program.end_by(SIGTERM) == 0);
    CHECK(following::out() == expected);
}

TEST_CASE("follow ends with a sentence at a row that it cannot read, after what came before was decided on") {
    const std::string file = folder() + "broken.csv";
    write_file(file, "id,at,card,merchant,amount\na,1704067200000,c,m,1\n");
    following program(file);
    REQUIRE(following::has_written(1));
    append(file, "b,yesterday,c,m,1\n");
    CHECK(program.end() == 2);
    CHECK(following::out() ==
          "{\"id\":\"a\",\"at\":\"1704067200000\",\"card\":\"c\",\"decision\":\"APPROVE\",\"reasons\":[]}\n");
    const std::string said = following::err();
    CAPTURE(said);
    for (const char* each : {"weir-fraud: ", "broken.csv:3:3: ", "'at'", "yesterday"}) {
        CHECK(said.find(each) != std::string::npos);
    }
}

TEST_CASE("follow ends with a sentence if nobody can be told") {
    const std::string file = folder() + "untold.csv";
    write_file(file, "id,at,card,merchant,amount\na,1704067200000,c,m,1\n");
    const std::string said = folder() + "untold.err";
    const std::string command = std::string{WEIR_FRAUD} + " follow " + file + " >/dev/full 2>" + said;
    CHECK(WEXITSTATUS(std::system(command.c_str())) == 2);
    CHECK(whole_file(said).find("cannot write to standard output: No space left") != std::string::npos);
}

TEST_CASE("follow refuses what cannot be followed") {
    CHECK(weir_fraud("follow") == 2);
    CHECK(weir_fraud("follow " + folder()) == 2);
    CHECK(whole_file(folder() + "err.txt").find("is a folder: name the file that grows") != std::string::npos);
    CHECK(weir_fraud("follow x.csv --max-disorder soon") == 2);
    CHECK(whole_file(folder() + "err.txt").find("--max-disorder: 'soon' is no duration") != std::string::npos);
}

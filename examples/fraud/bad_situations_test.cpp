// SPDX-License-Identifier: Apache-2.0
// What weir-fraud does about a checkpoint folder that cannot be used: it ends with exit code 2 and one sentence that
// names the folder and says what to do, has changed nothing, and goes on to the right output when the situation is
// over.
//
// Full and read-only disks need mounts of the test's own, which root may have; others run with a limit to the length of
// files, and leave out what is read-only for root, with a line.
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <string_view>
#include <thread>

#include <weir/base/crc32c.hpp>

#include "program_test.hpp"

extern char** environ;

namespace {

using namespace fraud_test;
using namespace std::chrono_literals;

constexpr uid_t nobody = 65534;

struct ending {
    std::optional<int> code;  // empty if it was killed
    std::string out, err;
};

struct privileges {
    bool of_nobody = false;      // of root's process: no more than anybody has
    std::uint64_t longest = 0;   // file that it can write; 0: no limit
};

// One run of the program; what it says goes into files of the test.
class program {
  public:
    explicit program(const std::vector<std::string>& arguments, const privileges& with = {}) {
        std::vector<char*> words{const_cast<char*>(WEIR_FRAUD)};
        for (const std::string& each : arguments) words.push_back(const_cast<char*>(each.c_str()));
        words.push_back(nullptr);
        const std::string out = folder() + "said.txt";
        const std::string err = folder() + "complained.txt";
        const int file = ::open(WEIR_FRAUD, O_RDONLY | O_CLOEXEC);  // nobody may not reach it
        REQUIRE(file >= 0);
        process_ = ::fork();
        REQUIRE(process_ >= 0);
        if (process_ == 0) begin(file, words.data(), out, err, with);
        ::close(file);
    }
    program(const program&) = delete;
    program& operator=(const program&) = delete;
    ~program() {
        if (process_ > 0) static_cast<void>(kill());
    }
    void send(int signal) const { ::kill(process_, signal); }
    ending kill() {
        send(SIGKILL);
        return wait();
    }
    ending wait() {
        int status = 0;
        while (::waitpid(std::exchange(process_, 0), &status, 0) < 0) {
        }
        ending how;
        if (WIFEXITED(status)) how.code = WEXITSTATUS(status);
        how.out = whole_file(folder() + "said.txt");
        how.err = whole_file(folder() + "complained.txt");
        return how;
    }

  private:
    [[noreturn]] static void begin(int file, char** words, const std::string& out, const std::string& err,
                                   const privileges& with) {
        constexpr int how = O_WRONLY | O_CREAT | O_TRUNC;
        const int to[]{::open("/dev/null", O_RDONLY), ::open(out.c_str(), how, 0644), ::open(err.c_str(), how, 0644)};
        for (int i = 0; i < 3; ++i) ::dup2(to[i], i);
        bool ready = true;
        if (with.longest != 0) {
            ::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{with.longest, with.longest};
            ready = ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
        }
        if (with.of_nobody) {
            ready = ready && ::setgroups(0, nullptr) == 0 && ::setgid(nobody) == 0 && ::setuid(nobody) == 0;
        }
        if (ready) ::fexecve(file, words, environ);
        ::_exit(127);
    }

    pid_t process_ = 0;
};

// What lies in a folder and in those in it: names and bytes.
std::map<std::string, std::string> contents_of(const std::string& path) {
    std::map<std::string, std::string> found;
    for (const auto& each : fs::recursive_directory_iterator(path)) {
        found.emplace(each.path().string(), each.is_regular_file() ? whole_file(each.path().string()) : "a folder");
    }
    return found;
}

std::vector<std::string> files_of(const std::string& path, const std::string& head) {
    std::vector<std::string> found;
    for (const auto& each : fs::directory_iterator(path)) {
        if (each.path().filename().string().starts_with(head)) found.push_back(each.path().string());
    }
    std::sort(found.begin(), found.end());
    return found;
}

// A job that was killed between checkpoints: as often as wanted, each in a folder of its own.
class killed_job {
  public:
    explicit killed_job(const std::string& name) : work_(folder() + name + "/") {
        static const bool made = make_original();
        REQUIRE(made);
        fs::remove_all(work_);
        fs::copy(original(), work_, fs::copy_options::recursive);
    }
    killed_job(const killed_job&) = delete;
    killed_job& operator=(const killed_job&) = delete;
    ~killed_job() {
        std::error_code ignored;
        fs::remove_all(work_, ignored);
    }
    [[nodiscard]] std::string work() const { return work_; }
    [[nodiscard]] std::string state() const { return work_ + "state"; }
    [[nodiscard]] std::vector<std::string> arguments(const std::string& command = "features") const {
        return arguments_in(command, work_);
    }
    // The sentence. Nothing has changed.
    std::string refused(const std::string& command = "features", const privileges& with = {}) const {
        const auto before = contents_of(work_);
        const std::string said = complaint(command, with);
        const bool unchanged = contents_of(work_) == before;
        CHECK(unchanged);
        return said;
    }
    // Something may have been written on the way.
    std::string complaint(const std::string& command = "features", const privileges& with = {}) const {
        program running(arguments(command), with);
        return complaint_of(running.wait());
    }
    std::string complaint_of(const ending& how) const {
        CAPTURE(how.out, how.err);
        CHECK(how.code == 2);
        CHECK(how.out.empty());
        CHECK(how.err.starts_with("weir-fraud: "));
        CHECK(std::count(how.err.begin(), how.err.end(), '\n') == 1);
        CHECK(how.err.ends_with('\n'));
        CHECK(!fs::exists(work_ + "features.csv"));
        return how.err;
    }
    // The situation is over.
    void goes_on(const privileges& with = {}) const {
        program running(arguments(), with);
        check_right(running.wait());
    }
    void check_right(const ending& how) const {
        CAPTURE(how.out, how.err);
        CHECK(how.code == 0);
        CHECK(how.err.empty());
        CHECK(how.out.find("resumed from epoch") != std::string::npos);
        const bool right = whole_file(work_ + "features.csv") == expected("");
        const bool right_late = whole_file(work_ + "features.csv.late.csv") == expected(".late.csv");
        CHECK(right);
        CHECK(right_late);
    }
    void belongs_to_nobody() const {
        for (const auto& each : fs::recursive_directory_iterator(work_)) {
            REQUIRE(::chown(each.path().c_str(), nobody, nobody) == 0);
        }
        REQUIRE(::chown(work_.c_str(), nobody, nobody) == 0);
    }

  private:
    static std::string original() { return folder() + "killed job/"; }
    static std::string input() { return folder() + "situations.csv"; }
    static std::string expected(const std::string& ending) {
        return whole_file(folder() + "whole situations.csv" + ending);
    }
    static std::vector<std::string> arguments_in(const std::string& command, const std::string& work) {
        return {command,        "--input",      input(),   "--output", work + command + ".csv",
                "--checkpoint", work + "state", "--every", "20ms"};
    }
    static bool make_original() {
        REQUIRE(weir_fraud("generate --cards 300 --transactions 200000 --days 20 --seed 6 --output " + input()) == 0);
        program whole({"features", "--input", input(), "--output", folder() + "whole situations.csv"});
        REQUIRE(whole.wait().code == 0);
        for (int attempt = 0; attempt < 20; ++attempt) {
            fs::remove_all(original());
            fs::create_directories(original());
            program running(arguments_in("features", original()));
            const std::string second = original() + "state/manifest-00000000000000000002";
            for (int i = 0; i < 20'000 && !fs::exists(second); ++i) std::this_thread::sleep_for(1ms);
            const ending how = running.kill();
            CAPTURE(how.out, how.err);
            CHECK((!how.code || how.code == 0));
            if (!how.code) return true;  // else it was faster
        }
        return false;
    }

    std::string work_;
};

void says(const std::string& sentence, const std::vector<std::string>& parts) {
    CAPTURE(sentence);
    for (const std::string& each : parts) {
        CAPTURE(each);
        CHECK(sentence.find(each) != std::string::npos);
    }
}

// The mounts of this process are nobody else's, and go with it.
bool may_mount() {
    static const bool may = ::geteuid() == 0 && ::unshare(CLONE_NEWNS) == 0 &&
                            ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    return may;
}

// A disk of so many bytes, as a folder.
class small_disk {
  public:
    explicit small_disk(std::string path) : path_(std::move(path)) {}
    small_disk(const small_disk&) = delete;
    small_disk& operator=(const small_disk&) = delete;
    ~small_disk() {
        if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    }
    // With what is in the folder now.
    [[nodiscard]] bool put_under(std::uint64_t more_bytes) {
        if (!may_mount()) return false;
        const auto held = contents_of(path_);
        std::uint64_t bytes = more_bytes;
        for (const auto& [name, text] : held) bytes += (text.size() + 8191) / 4096 * 4096;
        mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, ("size=" + std::to_string(bytes)).c_str()) == 0;
        if (!mounted_) return false;
        for (const auto& [name, text] : held) write_file(name, text);
        return true;
    }
    void again(unsigned long flags) const {
        REQUIRE(::mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT | flags, "size=1g") == 0);
    }

  private:
    std::string path_;
    bool mounted_ = false;
};

// As a later version would write the file: the version stands behind its magic number, and the CRC at the end of the
// header is right.
std::string of_version(std::string file, std::uint32_t version) {
    REQUIRE(file.size() > 64);
    std::memcpy(file.data() + 8, &version, sizeof version);
    const std::uint32_t crc = weir::crc32c(std::string_view{file}.substr(0, 60));
    std::memcpy(file.data() + 60, &crc, sizeof crc);
    return file;
}

}  // namespace

TEST_CASE("a folder of another job is not touched", "[situations]") {
    const killed_job job("another job");
    says(job.refused("decide"),
         {"'" + job.state() + "'", "'fraud features'", "'fraud decisions'", "each graph needs a folder of its own"});
    job.goes_on();
    // What another folder had of the same graph does not belong here, either.
    const killed_job two("two jobs");
    const killed_job other("the other job");
    for (const auto& each : fs::directory_iterator(other.state())) fs::remove_all(each.path());
    program fresh(other.arguments());
    REQUIRE(fresh.wait().code == 0);
    std::vector<std::string> added;
    for (const char* const head : {"manifest-", "segment-"}) {
        for (const std::string& from : files_of(other.state(), head)) {
            added.push_back(two.state() + from.substr(from.rfind('/')));
            fs::copy_file(from, added.back());
        }
    }
    says(two.refused(), {"'" + two.state() + "'", "two jobs", "take those of one of them away"});
    for (const std::string& each : added) fs::remove(each);
    two.goes_on();
}

TEST_CASE("a folder that another process holds is left to it", "[situations]") {
    const killed_job job("held");
    program first(job.arguments());
    const auto before = contents_of(job.state());
    for (int i = 0; i < 20'000 && contents_of(job.state()) == before; ++i) std::this_thread::sleep_for(1ms);
    first.send(SIGSTOP);
    std::this_thread::sleep_for(20ms);
    // Where it says what, the first has not spoken yet.
    says(job.refused(), {"another process has the checkpoint folder '" + job.state() + "'",
                         "let it end first, or use another folder"});
    first.send(SIGCONT);
    ending how = first.wait();
    how.out = "resumed from epoch";  // it speaks where the second one did
    how.err.clear();
    job.check_right(how);
}

TEST_CASE("a folder of a newer version is left to that", "[situations]") {
    for (const char* const head : {"manifest-", "segment-"}) {
        CAPTURE(head);
        const killed_job job("newer");
        const auto files = files_of(job.state(), head);
        const std::string path = head == std::string{"manifest-"} ? files.back() : files.front();
        const std::string file = whole_file(path);
        REQUIRE(of_version(file, 1) == file);
        write_file(path, of_version(file, 2));
        says(job.refused(), {"'" + job.state(), "was written by a newer version of weir (format 2",
                             "use that version, or another folder"});
        write_file(path, file);
        job.goes_on();
    }
}

TEST_CASE("a folder that may not be read or written is named", "[situations]") {
    const bool root = ::geteuid() == 0;
    const privileges with{.of_nobody = root};
    const killed_job job("forbidden");
    if (root) job.belongs_to_nobody();
    const std::string manifest = files_of(job.state(), "manifest-").back();
    std::string segment;  // that the newest manifest names
    for (const std::string& each : files_of(job.state(), "segment-")) {
        if (whole_file(manifest).find(fs::path(each).filename().string()) != std::string::npos) segment = each;
    }
    REQUIRE(!segment.empty());
    const auto forbidden = [&](const std::string& path, fs::perms allowed) {
        CAPTURE(path, static_cast<unsigned>(allowed));
        const auto before = contents_of(job.work());
        const fs::perms was = fs::status(path).permissions();
        fs::permissions(path, allowed);
        const std::string said = job.complaint("features", with);
        fs::permissions(path, was);
        const bool unchanged = contents_of(job.work()) == before;
        CHECK(unchanged);
        says(said, {"the checkpoint folder '" + job.state() + "'", "Permission denied",
                    "it must be a folder that can be read and written, with all that is in it"});
    };
    forbidden(job.state(), fs::perms::none);
    forbidden(job.state(), fs::perms::owner_read | fs::perms::owner_exec);
    forbidden(job.state(), fs::perms::owner_read);
    forbidden(job.state() + "/lock", fs::perms::none);
    forbidden(job.state() + "/lock", fs::perms::owner_read);
    forbidden(manifest, fs::perms::none);
    forbidden(segment, fs::perms::none);
    job.goes_on(with);
}

TEST_CASE("a file is no folder", "[situations]") {
    const killed_job job("file");
    fs::rename(job.state(), job.work() + "elsewhere");
    write_file(job.state(), "text");
    says(job.refused(), {"the checkpoint folder '" + job.state() + "'", "it is a file", "it must be a folder"});
    fs::remove(job.state());
    fs::rename(job.work() + "elsewhere", job.state());
    job.goes_on();
}

TEST_CASE("a read-only disk is named", "[situations]") {
    const killed_job job("read-only");
    {
        small_disk disk(job.state());
        if (!disk.put_under(1U << 20U)) {
            std::printf("read-only disk: left out, for nothing can be mounted here\n");
            return;
        }
        disk.again(MS_RDONLY);
        says(job.refused(), {"the checkpoint folder '" + job.state() + "'", "Read-only file system",
                             "it must be a folder that can be read and written"});
        disk.again(0);
        job.goes_on();
    }
    const killed_job outputs("read-only outputs");
    small_disk disk(outputs.work());
    fs::create_directories(folder() + "writable state");
    fs::copy(outputs.state(), folder() + "writable state", fs::copy_options::recursive);
    fs::remove_all(outputs.state());
    REQUIRE(disk.put_under(1U << 20U));
    disk.again(MS_RDONLY);
    std::vector<std::string> arguments = outputs.arguments();
    for (std::string& each : arguments) {
        if (each == outputs.state()) each = folder() + "writable state";
    }
    const auto before = contents_of(outputs.work());
    program running(arguments);
    says(outputs.complaint_of(running.wait()), {"'" + outputs.work() + "features.csv'", "Read-only file system"});
    const bool unchanged = contents_of(outputs.work()) == before;
    CHECK(unchanged);
    disk.again(0);
    program later(arguments);
    outputs.check_right(later.wait());
}

TEST_CASE("a full disk ends the run, and the next one goes on", "[situations]") {
    const killed_job job("full");
    {
        small_disk disk(job.state());
        if (disk.put_under(1U << 16U)) {
            for (int i = 0; i < 2; ++i) {
                says(job.complaint(), {"the checkpoint folder '" + job.state() + "'", "No space left on device",
                                       "once that is mended, the next run goes on from what was written before"});
            }
            disk.again(0);
            job.goes_on();
        } else {
            std::printf("full disk: files have a limit to their length instead, for nothing can be mounted here\n");
        }
    }
    const killed_job outputs("full outputs");
    std::uint64_t longest = 0;
    for (const auto& [name, text] : contents_of(outputs.work())) {
        longest = std::max<std::uint64_t>(longest, text.size());
    }
    for (int i = 0; i < 2; ++i) {
        const privileges with{.longest = longest + (1U << 16U)};
        says(outputs.complaint("features", with), {outputs.work(), "File too large"});
    }
    outputs.goes_on();
}

TEST_CASE("what is missing in a folder is made up for, or named", "[situations]") {
    const std::string aside = folder() + "aside/";
    fs::create_directories(aside);
    const killed_job job("missing");
    const auto take_away = [&](const std::string& head) {
        std::vector<std::string> taken = files_of(job.state(), head);
        for (const std::string& each : taken) fs::rename(each, aside + fs::path(each).filename().string());
        return taken;
    };
    const auto bring_back = [&](const std::vector<std::string>& taken) {
        for (const std::string& each : taken) fs::rename(aside + fs::path(each).filename().string(), each);
    };
    auto taken = take_away("segment-");
    says(job.refused(), {"'" + job.state() + "'", "no checkpoint in", "is missing",
                         "to start from nothing, take all files out of the folder"});
    bring_back(taken);
    taken = take_away("manifest-");
    says(job.refused(), {"'" + job.state() + "'", "has lost its manifests", "bring them back"});
    bring_back(taken);
    const std::string cut = files_of(job.state(), "segment-").front();
    const std::string file = whole_file(cut);
    for (const std::string& each : files_of(job.state(), "segment-")) fs::resize_file(each, 100);
    says(job.refused(), {"'" + job.state() + "'", "no checkpoint in", "has 100 bytes instead of"});
    const killed_job other("missing one");
    // The newest checkpoint alone: the one before it is as good.
    const auto manifests = files_of(other.state(), "manifest-");
    REQUIRE(manifests.size() >= 2);
    fs::remove(manifests.back());
    other.goes_on();
}

TEST_CASE("a bit that flipped in a folder is found", "[situations]") {
    unsigned refused = 0;
    const killed_job model("model");
    for (const char* const head : {"manifest-", "segment-"}) {
        for (const std::string& each : files_of(model.state(), head)) {
            const killed_job job("flipped");
            const std::string path = job.state() + each.substr(each.rfind('/'));
            CAPTURE(path);
            const std::string sound = whole_file(path);
            std::string flipped = sound;
            flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
            write_file(path, flipped);
            program running(job.arguments());
            const ending how = running.wait();
            if (how.code == 0) {  // another checkpoint is as good, or nothing needs the file
                job.check_right(how);
                continue;
            }
            ++refused;
            const std::string newest = files_of(job.state(), "manifest-").back();
            says(job.complaint_of(how),
                 {"'" + path + "' is damaged", "bring it back as it was, or take '" + newest + "' out of the folder"});
            // Either will do, if the checkpoint before the newest does not need the file.
            const std::string before = whole_file(files_of(job.state(), "manifest-").front());
            if (before.find(fs::path(path).filename().string()) == std::string::npos) {
                fs::remove(newest);
            } else {
                write_file(path, sound);
            }
            job.goes_on();
        }
    }
    CHECK(refused > 0);
}

// SPDX-License-Identifier: Apache-2.0
#include <weir/base/environment.hpp>

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <filesystem>
#include <mutex>
#include <random>
#include <thread>

#include <weir/base/error.hpp>

#include "environment_counter.hpp"
#include "environment_streams.hpp"
#include "environment_watch.hpp"

namespace weir {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& path, int code) {
    throw error(error_kind::io, what + " '" + path + "': " + std::strerror(code));
}

// fnmatch knows brackets and backslashes, too; here they stand for themselves.
std::string only_stars(const std::string& pattern) {
    std::string escaped;
    for (const char each : pattern) {
        if (each == '[' || each == '\\') escaped += '\\';
        escaped += each;
    }
    return escaped;
}

class descriptor {
  public:
    descriptor(const std::string& path, int flags, const char* what) : path_(path) {
        handle_ = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
        if (handle_ < 0) fail(what, path, errno);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() { ::close(handle_); }
    [[nodiscard]] int handle() const { return handle_; }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
    int handle_;
};

file_status status_from(const struct stat& found) {
    return {{static_cast<std::uint64_t>(found.st_dev), static_cast<std::uint64_t>(found.st_ino)},
            static_cast<std::uint64_t>(found.st_size),
            S_ISREG(found.st_mode)};
}

class machine_input final : public input_file {
  public:
    explicit machine_input(const std::string& path) : file_(path, O_RDONLY, "cannot open") {
        struct stat status {};
        if (::fstat(file_.handle(), &status) == 0 && S_ISDIR(status.st_mode)) fail("cannot read", path, EISDIR);
    }
    std::size_t read(std::span<char> block) override {
        for (;;) {
            const ssize_t count = ::read(file_.handle(), block.data(), block.size());
            if (count >= 0) return static_cast<std::size_t>(count);
            if (errno != EINTR) fail("cannot read", file_.path(), errno);
        }
    }
    void seek(std::uint64_t offset) override {
        if (::lseek(file_.handle(), static_cast<off_t>(offset), SEEK_SET) < 0)
            fail("cannot seek in", file_.path(), errno);
    }
    file_status status() override {
        struct stat found {};
        if (::fstat(file_.handle(), &found) != 0) fail("cannot look at", file_.path(), errno);
        return status_from(found);
    }

  private:
    descriptor file_;
};

class machine_output final : public output_file {
  public:
    explicit machine_output(const std::string& path) : file_(path, O_WRONLY | O_CREAT | O_TRUNC, "cannot create") {}
    machine_output(const std::string& path, std::uint64_t size) : file_(path, O_WRONLY | O_APPEND, "cannot open") {
        struct stat found {};
        if (::fstat(file_.handle(), &found) != 0) fail("cannot look at", path, errno);
        if (static_cast<std::uint64_t>(found.st_size) < size) {
            throw error(error_kind::io, "cannot go on writing '" + path + "' behind its first " + std::to_string(size) +
                                            " bytes: it has " + std::to_string(found.st_size));
        }
        if (::ftruncate(file_.handle(), static_cast<off_t>(size)) != 0) fail("cannot cut", path, errno);
    }
    void write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const ssize_t count = ::write(file_.handle(), bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) fail("cannot write", file_.path(), errno);
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    void sync() override {
        if (::fsync(file_.handle()) != 0) fail("cannot sync", file_.path(), errno);
    }

  private:
    descriptor file_;
};

class machine_lock final : public file_lock {
  public:
    explicit machine_lock(const std::string& path) : file_(path, O_RDWR | O_CREAT, "cannot open") {}
    [[nodiscard]] bool take() {
        for (;;) {
            if (::flock(file_.handle(), LOCK_EX | LOCK_NB) == 0) return true;
            if (errno == EWOULDBLOCK) return false;
            if (errno != EINTR) fail("cannot lock", file_.path(), errno);
        }
    }

  private:
    descriptor file_;
};

class machine_thread final : public background_work {
  public:
    explicit machine_thread(std::function<void()> work) : thread_(std::move(work)) {}
    ~machine_thread() override { thread_.join(); }

  private:
    std::thread thread_;
};

// Whoever notifies takes the lock only if somebody waits.
class machine_signal final : public signal {
  public:
    std::uint64_t count() const noexcept override { return count_.load(); }
    void notify() override {
        count_.fetch_add(1);
        if (waiting_.load() == 0) return;
        const std::lock_guard lock(mutex_);
        happened_.notify_all();
    }
    void wait(std::uint64_t seen, std::chrono::nanoseconds longest) override {
        std::unique_lock lock(mutex_);
        waiting_.fetch_add(1);
        // Later times may be beyond those that can be counted.
        happened_.wait_for(lock, std::min(longest, longest_wait), [&] { return count_.load() != seen; });
        waiting_.fetch_sub(1);
    }

  private:
    static constexpr std::chrono::nanoseconds longest_wait = std::chrono::hours{1};

    std::atomic<std::uint64_t> count_{0};
    std::atomic<unsigned> waiting_{0};
    std::mutex mutex_;
    std::condition_variable happened_;
};

class machine_environment final : public environment {
  public:
    std::chrono::nanoseconds ticks() override { return std::chrono::steady_clock::now().time_since_epoch(); }
    double counter_period() override {
        static const double period = detail::measured_counter_period();
        return period;
    }
    std::chrono::sys_time<std::chrono::nanoseconds> time_of_day() override { return std::chrono::system_clock::now(); }
    std::uint64_t random() override {
        const std::lock_guard lock(random_mutex_);
        return generator_();
    }
    std::unique_ptr<input_file> open_input(const std::string& path) override {
        return std::make_unique<machine_input>(path);
    }
    std::optional<file_status> status_of(const std::string& path) override {
        struct stat found {};
        if (::stat(path.c_str(), &found) == 0) return status_from(found);
        if (errno != ENOENT) fail("cannot look at", path, errno);
        return std::nullopt;
    }
    std::unique_ptr<output_file> create_output(const std::string& path) override {
        return std::make_unique<machine_output>(path);
    }
    std::vector<std::string> list(const std::string& pattern) override {
        const std::filesystem::path whole(pattern);
        const std::string last = whole.filename().string();
        if (last.find_first_of("*?") == std::string::npos) return {pattern};
        const std::string plain = only_stars(last);
        const std::filesystem::path folder = whole.has_parent_path() ? whole.parent_path() : ".";
        std::error_code code;
        std::vector<std::string> found;
        for (const auto& each : std::filesystem::directory_iterator(folder, code)) {
            const std::string name = each.path().filename().string();
            if (::fnmatch(plain.c_str(), name.c_str(), FNM_PERIOD) == 0) {
                found.push_back(whole.has_parent_path() ? each.path().string() : name);
            }
        }
        if (code) fail("cannot list", folder.string(), code.value());
        std::sort(found.begin(), found.end());
        return found;
    }
    std::string publish_target(const std::string& path) override {
        const std::filesystem::path whole(path);
        const std::filesystem::path parent = whole.has_parent_path() ? whole.parent_path() : ".";
        std::error_code code;
        const std::filesystem::path folder = std::filesystem::canonical(parent, code);
        if (code) fail("cannot write into folder", parent.string(), code.value());
        struct stat status {};
        if (::lstat(path.c_str(), &status) != 0) {
            if (errno != ENOENT) fail("cannot write", path, errno);
        } else if (std::filesystem::is_directory(whole, code)) {
            fail("cannot write", path, EISDIR);
        } else if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) {
            throw error(error_kind::io, "cannot write '" + path + "': a file would replace a device or a pipe");
        }
        return (folder / whole.filename()).string();
    }
    void publish(const std::string& from, const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) fail("cannot publish", to, errno);
        sync_folder(std::filesystem::path(to).parent_path().string());
    }
    void sync_folder(const std::string& path) override {
        const descriptor folder(path.empty() ? "." : path, O_RDONLY | O_DIRECTORY, "cannot open");
        if (::fsync(folder.handle()) != 0) fail("cannot sync", folder.path(), errno);
    }
    bool link(const std::string& from, const std::string& to) override {
        if (::link(from.c_str(), to.c_str()) == 0) return true;
        if (errno != EEXIST) fail("cannot name a file", to, errno);
        return false;
    }
    std::unique_ptr<output_file> append_output(const std::string& path, std::uint64_t size) override {
        return std::make_unique<machine_output>(path, size);
    }
    std::unique_ptr<file_lock> lock_file(const std::string& path) override {
        auto lock = std::make_unique<machine_lock>(path);
        return lock->take() ? std::move(lock) : nullptr;
    }
    void remove(const std::string& path) override {
        if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail("cannot remove", path, errno);
    }
    void create_folder(const std::string& path) override {
        std::error_code code;
        std::filesystem::create_directories(path, code);
        if (code) fail("cannot create folder", path, code.value());
    }
    std::unique_ptr<live_input> standard_input() override { return detail::machine_standard_input(); }
    std::unique_ptr<output_file> standard_output() override { return detail::machine_standard_output(); }
    std::unique_ptr<live_input> connect(const std::string& host, std::uint16_t port) override {
        return detail::machine_connection(host, port);
    }
    void drive(std::span<worker_base* const> workers) override;
    std::unique_ptr<background_work> launch(std::function<void()> work) override {
        return std::make_unique<machine_thread>(std::move(work));
    }
    std::unique_ptr<signal> make_signal() override { return std::make_unique<machine_signal>(); }
    std::unique_ptr<background_work> watch(const std::string& path, const std::shared_ptr<signal>& happened) override {
        return detail::machine_watch(path, happened);
    }

  private:
    std::mutex random_mutex_;
    std::mt19937_64 generator_{std::random_device{}()};
};

// Steps one worker until it has finished or `stop` is set, giving way when it has nothing to do: ever longer, so that a
// run that waits for a file to grow costs next to nothing, and never longer than a millisecond.
std::chrono::microseconds pause_after(unsigned idle_steps) {
    constexpr std::chrono::microseconds shortest{20};
    constexpr std::chrono::microseconds longest{1000};
    if (idle_steps <= 1000) return shortest;
    return idle_steps <= 1500 ? longest / 5 : longest;
}

void drive_one(worker_base& worker, const std::atomic<bool>& stop) {
    unsigned idle_steps = 0;
    while (!stop.load(std::memory_order_relaxed)) {
        const step_result result = worker.step();
        if (result == step_result::finished) return;
        if (result == step_result::progressed) {
            idle_steps = 0;
        } else if (++idle_steps > 200) {
            if (worker.rest()) continue;
            std::this_thread::sleep_for(pause_after(idle_steps));
        } else if (idle_steps > 20) {
            std::this_thread::yield();
        }
    }
}

void machine_environment::drive(std::span<worker_base* const> workers) {
    std::atomic<bool> stop{false};
    if (workers.size() == 1) {
        drive_one(*workers[0], stop);
        return;
    }
    std::mutex mutex;
    std::exception_ptr first;
    std::vector<std::thread> threads;
    threads.reserve(workers.size());
    for (worker_base* each : workers) {
        threads.emplace_back([&, each] {
            try {
                drive_one(*each, stop);
            } catch (...) {
                const std::lock_guard lock(mutex);
                if (!first) first = std::current_exception();
                stop.store(true);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    if (first) std::rethrow_exception(first);
}

}  // namespace

file_status input_file::status() { throw error(error_kind::internal, "this file does not tell what it is"); }
std::optional<file_status> environment::status_of(const std::string& path) {
    throw error(error_kind::internal, "this environment does not tell what '" + path + "' is");
}
void environment::sync_folder(const std::string& path) {
    throw error(error_kind::internal, "this environment does not sync the folder '" + path + "'");
}
bool environment::link(const std::string&, const std::string& to) {
    throw error(error_kind::internal, "this environment does not link '" + to + "'");
}
std::unique_ptr<output_file> environment::append_output(const std::string& path, std::uint64_t) {
    throw error(error_kind::internal, "this environment does not go on writing '" + path + "'");
}
std::unique_ptr<file_lock> environment::lock_file(const std::string& path) {
    throw error(error_kind::internal, "this environment does not lock '" + path + "'");
}
std::unique_ptr<live_input> environment::standard_input() {
    throw error(error_kind::internal, "this environment has no standard input");
}
std::unique_ptr<output_file> environment::standard_output() {
    throw error(error_kind::internal, "this environment has no standard output");
}
std::unique_ptr<live_input> environment::connect(const std::string& host, std::uint16_t port) {
    throw error(error_kind::internal, "this environment cannot connect to " + host + ":" + std::to_string(port));
}

// Where paths have one spelling but for dots and doubled slashes.
std::string environment::publish_target(const std::string& path) {
    return std::filesystem::path(path).lexically_normal().string();
}

std::chrono::sys_time<std::chrono::nanoseconds> environment::time_of_day() {
    return std::chrono::sys_time<std::chrono::nanoseconds>{ticks()};
}
std::unique_ptr<background_work> environment::launch(std::function<void()> work) {
    return machine().launch(std::move(work));
}
std::unique_ptr<signal> environment::make_signal() { return machine().make_signal(); }
std::unique_ptr<background_work> environment::watch(const std::string&, const std::shared_ptr<signal>&) {
    return nullptr;
}

environment& machine() {
    static machine_environment instance;
    return instance;
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// The environment: the only way to clocks, random numbers, files and threads. The same code runs on the machine or in
// a deterministic simulation (testing/simulation.hpp).
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

// What a worker says after a step.
enum class step_result {
    progressed,
    idle,     // nothing to do now
    finished  // nothing to do ever
};

// A worker is a function that never blocks; an environment drives it: on threads, or interleaved by a seed.
class worker_base {
  public:
    worker_base() = default;
    worker_base(const worker_base&) = delete;
    worker_base& operator=(const worker_base&) = delete;
    virtual ~worker_base() = default;
    virtual step_result step() = 0;
    // After many idle steps: waits, for a while, for something to do. False if it does not know how to: then the
    // environment waits a little.
    virtual bool rest() { return false; }
};

// Something that happens again and again, and that several threads may wait for.
class signal {
  public:
    signal() = default;
    signal(const signal&) = delete;
    signal& operator=(const signal&) = delete;
    virtual ~signal() = default;
    // How often it has happened so far.
    [[nodiscard]] virtual std::uint64_t count() const noexcept = 0;
    virtual void notify() = 0;
    // Waits until it has happened more often than `seen` times, for at most `longest`; it may return before.
    virtual void wait(std::uint64_t seen, std::chrono::nanoseconds longest) = 0;
};

// Work on a thread of its own. Destroying it waits for its end.
class background_work {
  public:
    background_work() = default;
    background_work(const background_work&) = delete;
    background_work& operator=(const background_work&) = delete;
    virtual ~background_work() = default;
};

// What a file is, whatever it is called: two files that are open, or have names, at one time differ in it.
struct file_identity {
    std::uint64_t device = 0;
    std::uint64_t number = 0;
    friend bool operator==(const file_identity&, const file_identity&) = default;
};
struct file_status {
    file_identity identity;
    std::uint64_t size = 0;
    bool plain = true;  // no folder, device or pipe
};

// A file to read from its beginning. All errors are weir::error of kind io that name the file.
class input_file {
  public:
    input_file() = default;
    input_file(const input_file&) = delete;
    input_file& operator=(const input_file&) = delete;
    virtual ~input_file() = default;
    // Fills the front of `block`; returns how many bytes, 0 at the end.
    virtual std::size_t read(std::span<char> block) = 0;
    virtual void seek(std::uint64_t offset) = 0;
    // Of the file that is open, which may have lost its name.
    [[nodiscard]] virtual file_status status();
};

// Bytes that come when they come: standard input, a connection. Errors are those of files.
class live_input {
  public:
    live_input() = default;
    live_input(const live_input&) = delete;
    live_input& operator=(const live_input&) = delete;
    virtual ~live_input() = default;
    // Fills the front of `block` with what is there and never waits. No number: nothing is there now; 0: nothing will
    // ever be again.
    virtual std::optional<std::size_t> read_now(std::span<char> block) = 0;
};

// A file being written. It is visible under its path as soon as it is created.
class output_file {
  public:
    output_file() = default;
    output_file(const output_file&) = delete;
    output_file& operator=(const output_file&) = delete;
    virtual ~output_file() = default;
    virtual void write(std::string_view bytes) = 0;
    // Everything written is with the file system when this returns, and what is a whole: the file could be cut here, or
    // gone on with here by another run. Of a file that is not packed that is so anyway.
    virtual void flush() {}
    // Everything that had been written and flushed before this was called is on the disk when it returns. May be called
    // on another thread than write() and flush(), which need not wait for it. Never retried after a failure.
    virtual void sync() = 0;
};

// A lock that one process at a time has. It goes with this, or with the process.
class file_lock {
  public:
    file_lock() = default;
    file_lock(const file_lock&) = delete;
    file_lock& operator=(const file_lock&) = delete;
    virtual ~file_lock() = default;
};

class environment {
  public:
    environment() = default;
    environment(const environment&) = delete;
    environment& operator=(const environment&) = delete;
    virtual ~environment() = default;

    // Nanoseconds of a clock that never goes back, from an arbitrary start.
    [[nodiscard]] virtual std::chrono::nanoseconds ticks() = 0;
    // Nanoseconds per step of the processor's own counter, where it runs evenly, on all cores alike, and time here is
    // that of the machine; else 0. See base/fine_clock.hpp.
    [[nodiscard]] virtual double counter_period() { return 0; }
    // Time of day, for reports: no result depends on it.
    [[nodiscard]] virtual std::chrono::sys_time<std::chrono::nanoseconds> time_of_day();
    [[nodiscard]] virtual std::uint64_t random() = 0;

    [[nodiscard]] virtual std::unique_ptr<input_file> open_input(const std::string& path) = 0;
    // Of the file that has this name now, links followed; nothing if there is none.
    [[nodiscard]] virtual std::optional<file_status> status_of(const std::string& path);
    [[nodiscard]] virtual std::unique_ptr<output_file> create_output(const std::string& path) = 0;
    // Paths that a pattern with * and ? in its last part names, in bytewise order of name; a path without them names
    // itself.
    [[nodiscard]] virtual std::vector<std::string> list(const std::string& pattern) = 0;
    // The one spelling of a path to publish under: its folder with links followed, then its name. An error of kind io
    // where it is known already that nothing can be published there: the folder is missing, the name is too long, or a
    // folder, device or pipe has it.
    [[nodiscard]] virtual std::string publish_target(const std::string& path);
    // Puts a finished file under its final name, replacing what was there (of a symbolic link, the
    // link and not what it names), and makes that last.
    virtual void publish(const std::string& from, const std::string& to) = 0;
    // For what must outlive a crash. Names are only on the disk when their folder has been synced; a sync that failed
    // is never tried again, for the next one may succeed without the bytes.
    virtual void sync_folder(const std::string& path);
    // Gives a file a second name. False if something has that name already: it is never replaced.
    [[nodiscard]] virtual bool link(const std::string& from, const std::string& to);
    // A file to be written on, behind its first `size` bytes: what comes after them goes. An error of kind io if there
    // is no such file, or it is shorter.
    [[nodiscard]] virtual std::unique_ptr<output_file> append_output(const std::string& path, std::uint64_t size);
    // The lock of this file, which is made if it is missing; null if another holder has it.
    [[nodiscard]] virtual std::unique_ptr<file_lock> lock_file(const std::string& path);
    virtual void remove(const std::string& path) = 0;
    virtual void create_folder(const std::string& path) = 0;

    // An error of kind configuration if something else reads it.
    [[nodiscard]] virtual std::unique_ptr<live_input> standard_input();
    [[nodiscard]] virtual std::unique_ptr<output_file> standard_output();
    // A TCP connection. Waits until it is there, for a few seconds at most.
    [[nodiscard]] virtual std::unique_ptr<live_input> connect(const std::string& host, std::uint16_t port);

    // Steps all workers until each has finished. A worker that throws ends the run: the others are stepped no more,
    // and the first error is thrown on.
    virtual void drive(std::span<worker_base* const> workers) = 0;
    // Whether launch() can be asked for: otherwise everything happens in one thread, one after the other.
    [[nodiscard]] virtual bool has_threads() const { return true; }
    // Those of the machine, unless an environment has its own. `work` must not throw.
    [[nodiscard]] virtual std::unique_ptr<background_work> launch(std::function<void()> work);
    [[nodiscard]] virtual std::unique_ptr<signal> make_signal();
    // Until what is returned is destroyed, notifies, soon after a file of this name has been written, cut, made, moved,
    // removed or replaced by another, and the file that it replaced has been written; at other times, too, and it may
    // be late by a tenth of a second now and then. Null if this environment cannot, or not for this file: then whoever
    // wants to know looks.
    [[nodiscard]] virtual std::unique_ptr<background_work> watch(const std::string& path,
                                                                 const std::shared_ptr<signal>& happened);
};

// The machine itself.
[[nodiscard]] environment& machine();

}  // namespace weir

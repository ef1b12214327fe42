// SPDX-License-Identifier: Apache-2.0
// A disk in memory that forgets what nobody synced, and fails when it is told to. It promises what POSIX does and no
// more: the bytes of a file are safe once the file was synced, a name once its folder was, a folder's own name once the
// folder it is in was. Everything else may or may not be there after a crash, each by itself: a write whole, in part,
// by sectors, as zeros or not at all, whatever became of the writes before it; a file under its new name, its old one,
// both or neither (within one folder a rename is atomic). A sync that failed lets go of what it was to bring to the
// disk: the next one succeeds without it.
//
// The same seed and the same calls give the same disk.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/environment.hpp>

namespace weir::testing {

// The power went, or the process was killed: thrown instead of a change, and by all that is asked of the disk, and of
// what was opened on it, after that. No weir::error, and no std::exception: nothing that handles errors stops it.
struct simulated_crash {
    std::uint64_t change = 0;  // the change that did not happen, counted from 0
};

// What becomes of what was not synced.
enum class unsynced {
    lost,
    kept,           // as after a kill: the machine went on, and may lose it later
    names_kept,     // and what was written is lost: files are as long as when they were synced
    lengths_kept,   // names are kept and files are as long as they were; zeros where nothing was synced
    contents_kept,  // and names are lost
    mixed           // each by itself, by the seed
};
struct crash_policy {
    unsynced what = unsynced::mixed;
    std::uint64_t seed = 1;  // of what is mixed
};
// As in "mixed, seed 7".
[[nodiscard]] std::string text_of(const crash_policy& policy);

// How an operation fails. Each kind hits only operations that can fail so, and counts only those.
enum class fault_kind {
    no_space,            // files made, written, linked, renamed or synced, and folders made: ENOSPC
    io_error,            // whatever changes the disk, syncs included: EIO
    short_write,         // a part of the bytes is written, then ENOSPC
    failed_though_done,  // whatever changes the disk is done, and said to have failed: EIO
    read_error           // whatever does not: opens, reads, looks: EIO
};
[[nodiscard]] std::string_view text_of(fault_kind kind) noexcept;
struct disk_fault {
    fault_kind kind = fault_kind::io_error;
    std::uint64_t at = 0;   // which of the operations that it can hit, counted from 0 from when it is set
    bool for_good = false;  // and each one after it, too
};

namespace simulated {
class disk_core;
}

class simulated_disk {
  public:
    explicit simulated_disk(std::uint64_t seed = 1);
    simulated_disk(simulated_disk&&) noexcept;
    simulated_disk& operator=(simulated_disk&&) noexcept;
    ~simulated_disk();

    // As those of an environment. Paths without / in front begin in the disk's first folder.
    [[nodiscard]] std::unique_ptr<input_file> open_input(const std::string& path);
    [[nodiscard]] std::optional<file_status> status_of(const std::string& path);
    [[nodiscard]] std::unique_ptr<output_file> create_output(const std::string& path);
    [[nodiscard]] std::vector<std::string> list(const std::string& pattern);
    [[nodiscard]] std::string publish_target(const std::string& path);
    void publish(const std::string& from, const std::string& to);
    void sync_folder(const std::string& path);
    [[nodiscard]] bool link(const std::string& from, const std::string& to);
    [[nodiscard]] std::unique_ptr<output_file> append_output(const std::string& path, std::uint64_t size);
    [[nodiscard]] std::unique_ptr<file_lock> lock_file(const std::string& path);
    void remove(const std::string& path);
    void create_folder(const std::string& path);

    // Changes so far: files and folders made, cut, renamed, linked and removed, calls of write and sync. What changes
    // nothing, as making a folder that is there, is none; a publish is two, the rename and the sync. One that fails
    // counts, too.
    [[nodiscard]] std::uint64_t changes() const noexcept;
    // Crashes instead of this change, counted from 0 from when the disk was made; and of others, if called for others.
    void crash_before(std::uint64_t change);
    [[nodiscard]] bool crashed() const noexcept;
    // The disk as it is found if the power goes now, or went at the crash. It is another one, without faults and with
    // its changes counted from 0. O(files + bytes).
    [[nodiscard]] simulated_disk after_power_loss(const crash_policy& policy) const;
    // Becomes what after_power_loss finds. Changes are counted on, and a crash or a fault that has not come yet may
    // still come. What was opened before is of no use any more; locks are free.
    void reboot(const crash_policy& policy);

    void fail(const disk_fault& fault);
    void heal() noexcept;
    // How many operations the fault has hit.
    [[nodiscard]] std::uint64_t failures() const noexcept;

    // By another hand, which needs its folders made by nobody, syncs at once the file and the folders it is in, and
    // neither counts nor fails: another file under this name; the same file, longer, or with other content.
    void put_file(const std::string& path, std::string text);
    void append_to_file(const std::string& path, std::string_view text);
    void overwrite_file(const std::string& path, std::string text);
    // The bytes of a file, until it changes; null if there is none.
    [[nodiscard]] const std::string* file(const std::string& path) const;
    // All files, by path. O(files).
    [[nodiscard]] std::vector<std::string> files() const;

  private:
    explicit simulated_disk(std::shared_ptr<simulated::disk_core> core);
    std::shared_ptr<simulated::disk_core> core_;  // shared with what is open on it
};

}  // namespace weir::testing

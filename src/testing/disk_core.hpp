// SPDX-License-Identifier: Apache-2.0
// What a simulated disk shares with what is open on it: its tree of folders, and when it crashes and fails.
#pragma once
#include <cerrno>
#include <set>
#include <utility>

#include "disk_nodes.hpp"

namespace weir::testing::simulated {

[[noreturn]] void fail_with(const std::string& what, const std::string& path, int code);

// What is asked of a disk; the last two change nothing.
enum class disk_action { make, write, cut, sync, name, erase, sync_folder, open, look };

class disk_core {
  public:
    explicit disk_core(std::uint64_t seed);
    disk_core(std::uint64_t seed, std::shared_ptr<disk_folder> root)
        : seed_(seed), random_(seed), root_(std::move(root)) {}

    enum class effect {
        none,
        before,  // it fails
        partly,
        after  // it is done, and is said to have failed
    };
    // Counts; throws simulated_crash if the disk has crashed, or does now.
    effect begin(disk_action action);
    // Of what never fails in part. `what` and `path` are for the error.
    template <class Do> void act(disk_action action, const std::string& what, const std::string& path, Do&& work) {
        const effect hit = begin(action);
        if (hit == effect::before) fail_with(what, path, failure_code());
        std::forward<Do>(work)();
        if (hit == effect::after) fail_with(what, path, failure_code());
    }
    [[nodiscard]] int failure_code() const noexcept;
    void expect_running() const {
        if (crashed_at_) throw simulated_crash{*crashed_at_};
    }
    // Throws simulated_crash if what was opened at that time is of no use any more.
    void expect_alive(std::uint64_t opened_in) const;
    [[nodiscard]] std::uint64_t life() const noexcept { return life_; }

    // Where a path leads: the folder, and the name in it, empty if it is the disk's first folder.
    struct place {
        std::shared_ptr<disk_folder> folder;
        std::string name;
        [[nodiscard]] const disk_entry* entry() const { return folder->find(name); }
    };
    // Fails with `what` if a folder on the way is missing.
    [[nodiscard]] place locate(const std::string& path, const std::string& what) const;
    // Nothing where it fails.
    [[nodiscard]] std::optional<place> find(const std::string& path) const;
    [[nodiscard]] std::shared_ptr<disk_folder> folder_of(const std::string& path, const std::string& what) const;
    // The file; fails with `what` if there is none, or it is a folder.
    [[nodiscard]] std::shared_ptr<disk_file> file_of(const std::string& path, const std::string& what) const;
    void create_folders(const std::string& path);
    // A new file under that name, in folders that are made for it, and all of that synced.
    [[nodiscard]] std::shared_ptr<disk_file> put_file(const std::string& path);
    [[nodiscard]] std::uint64_t next_number() noexcept { return ++numbers_; }
    [[nodiscard]] seeded& random() noexcept { return random_; }

    void reboot(const crash_policy& policy);
    [[nodiscard]] std::shared_ptr<disk_core> after_power_loss(const crash_policy& policy) const;
    [[nodiscard]] std::vector<std::string> files() const;

    [[nodiscard]] std::uint64_t changes() const noexcept { return changes_; }
    void crash_before(std::uint64_t change) { crash_at_.insert(change); }
    [[nodiscard]] bool crashed() const noexcept { return crashed_at_.has_value(); }
    void fail(const std::optional<disk_fault>& fault) noexcept {
        fault_ = fault;
        asked_ = 0;
    }
    [[nodiscard]] std::uint64_t failures() const noexcept { return failures_; }

  private:
    std::uint64_t seed_;
    seeded random_;
    std::shared_ptr<disk_folder> root_;
    std::uint64_t numbers_ = 0;
    std::uint64_t life_ = 0;  // how often it was rebooted
    std::uint64_t changes_ = 0;
    std::set<std::uint64_t> crash_at_;
    std::optional<std::uint64_t> crashed_at_;
    std::optional<disk_fault> fault_;
    std::uint64_t asked_ = 0;  // of what the fault can hit
    std::uint64_t failures_ = 0;
};

}  // namespace weir::testing::simulated

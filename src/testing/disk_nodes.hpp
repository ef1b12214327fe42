// SPDX-License-Identifier: Apache-2.0
// Files and folders of a simulated disk: what they are, what of it is durable, and what a crash may leave.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <weir/testing/seeded.hpp>
#include <weir/testing/simulated_disk.hpp>

namespace weir::testing::simulated {

// Bytes are kept once as long as files only grow: what was synced, and each write since, is a range of them. Only when
// such a range is cut or overwritten is it copied.
class disk_file {
  public:
    explicit disk_file(std::uint64_t number, std::string durable = {})
        : number_(number), bytes_(std::move(durable)), synced_size_(bytes_.size()) {}
    // The same bytes, as safe as they are, without a holder.
    [[nodiscard]] std::shared_ptr<disk_file> copy() const {
        auto made = std::make_shared<disk_file>(*this);
        made->holder.reset();
        return made;
    }

    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

    // Zeros come between the end and an offset behind it.
    void write(std::uint64_t offset, std::string_view bytes);
    void cut(std::uint64_t size);  // no larger than it is
    void sync();
    // What was not synced stays readable, may be on the disk or not, and will not be brought there by any other sync.
    // It may be found as zeros, if `as_zeros`, once another sync has succeeded.
    void fail_sync(bool as_zeros);
    // Anew, and durable.
    void replace(std::string bytes);
    [[nodiscard]] std::string after_crash(unsynced what, seeded& random) const;

    std::weak_ptr<void> holder;  // of the lock

  private:
    struct change {
        bool is_cut = false;
        bool let_go = false;  // by a sync that failed
        bool as_zeros = false;
        std::uint64_t offset = 0;  // of a write; the size after a cut
        std::uint64_t length = 0;
        std::optional<std::string> own;  // what was written, once it is no longer among the file's bytes
    };
    [[nodiscard]] std::string synced() const;
    [[nodiscard]] std::string_view written_by(const change& each) const;
    void keep_copies();
    void apply(std::string& to, const change& each) const;
    void apply_by_chance(std::string& to, const change& each, seeded& random) const;

    std::uint64_t number_;
    std::string bytes_;
    std::uint64_t synced_size_;               // the first so many of the bytes are what was synced,
    std::optional<std::string> synced_copy_;  // if this is not
    std::vector<change> changes_;
};

class disk_folder;
// One of the two.
struct disk_entry {
    std::shared_ptr<disk_file> file;
    std::shared_ptr<disk_folder> folder;
};

class disk_folder {
  public:
    using entries = std::map<std::string, disk_entry, std::less<>>;

    explicit disk_folder(std::uint64_t number) : number_(number) {}
    disk_folder(std::uint64_t number, entries durable) : number_(number), now_(durable), synced_(std::move(durable)) {}

    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    [[nodiscard]] const entries& now() const noexcept { return now_; }
    [[nodiscard]] const disk_entry* find(std::string_view name) const;

    void set(std::string_view name, disk_entry what) { change_names({}, name, std::move(what)); }
    void erase(std::string_view name) { change_names(name, {}, {}); }
    void rename(std::string_view from, std::string_view to) { change_names(from, to, disk_entry(*find(from))); }
    void sync();
    // As of a file.
    void fail_sync();

  private:
    friend class disk_after_crash;
    // First a name goes, then one comes; either may be empty.
    struct change {
        std::string from, to;
        disk_entry what;
        bool let_go = false;
    };
    void change_names(std::string_view from, std::string_view to, disk_entry what);
    static void apply(entries& to, const change& each);
    [[nodiscard]] entries after_crash(unsynced what, seeded& random) const;

    std::uint64_t number_;
    entries now_;
    entries synced_;
    std::vector<change> changes_;
};

// Makes another tree of what is found. A file with several names is one file there, too.
class disk_after_crash {
  public:
    explicit disk_after_crash(const crash_policy& policy) : what_(policy.what), random_(policy.seed) {}
    [[nodiscard]] std::shared_ptr<disk_folder> found(const std::shared_ptr<disk_folder>& folder);

  private:
    [[nodiscard]] std::shared_ptr<disk_file> found(const std::shared_ptr<disk_file>& file);
    [[nodiscard]] disk_entry found(const disk_entry& entry);
    [[nodiscard]] disk_folder::entries found(disk_folder::entries names);

    unsynced what_;
    seeded random_;
    std::unordered_map<const disk_file*, std::shared_ptr<disk_file>> files_;
    std::unordered_map<const disk_folder*, std::shared_ptr<disk_folder>> folders_;
};

}  // namespace weir::testing::simulated

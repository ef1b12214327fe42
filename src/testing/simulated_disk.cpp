// SPDX-License-Identifier: Apache-2.0
#include <weir/testing/simulated_disk.hpp>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include <weir/base/error.hpp>

#include "disk_core.hpp"

namespace weir::testing {
namespace {

using simulated::disk_action;
using simulated::disk_core;
using simulated::disk_entry;
using simulated::disk_file;
using simulated::disk_folder;
using simulated::fail_with;
using effect = disk_core::effect;

file_status status_from(const disk_entry& entry) {
    if (entry.folder) return {{0, entry.folder->number()}, 0, false};
    return {{0, entry.file->number()}, entry.file->bytes().size(), true};
}

// What is open stays what it was, whatever becomes of its name, until the power goes.
class opened {
  public:
    opened(std::shared_ptr<disk_core> disk, std::shared_ptr<disk_file> file, std::string path)
        : disk_(std::move(disk)), file_(std::move(file)), path_(std::move(path)), life_(disk_->life()) {}

  protected:
    effect begin(disk_action action) {
        disk_->expect_alive(life_);
        return disk_->begin(action);
    }
    [[noreturn]] void fail(const std::string& what) const { fail_with(what, path_, disk_->failure_code()); }
    [[nodiscard]] disk_core& disk() noexcept { return *disk_; }
    [[nodiscard]] disk_file& file() noexcept { return *file_; }

  private:
    std::shared_ptr<disk_core> disk_;
    std::shared_ptr<disk_file> file_;
    std::string path_;
    std::uint64_t life_;
};

class opened_input final : public input_file, opened {
  public:
    using opened::opened;
    std::size_t read(std::span<char> block) override {
        if (begin(disk_action::look) != effect::none) fail("cannot read");
        const std::string& bytes = file().bytes();
        const std::size_t from = std::min(next_, bytes.size());
        const std::size_t count = std::min(block.size(), bytes.size() - from);
        if (count != 0) std::memcpy(block.data(), bytes.data() + from, count);
        next_ = from + count;
        return count;
    }
    void seek(std::uint64_t offset) override { next_ = static_cast<std::size_t>(offset); }
    file_status status() override {
        if (begin(disk_action::look) != effect::none) fail("cannot look at");
        return {{0, file().number()}, file().bytes().size(), true};
    }

  private:
    std::size_t next_ = 0;
};

class opened_output final : public output_file, opened {
  public:
    opened_output(opened what, bool at_the_end) : opened(std::move(what)), at_the_end_(at_the_end) {}
    void write(std::string_view bytes) override {
        if (bytes.empty()) return;
        const effect hit = begin(disk_action::write);
        if (hit == effect::before) fail("cannot write");
        if (hit == effect::partly) bytes = bytes.substr(0, disk().random().below(bytes.size()));
        const std::uint64_t offset = at_the_end_ ? file().bytes().size() : next_;
        file().write(offset, bytes);
        next_ = offset + bytes.size();
        if (hit != effect::none) fail("cannot write");
    }
    void sync() override {
        const effect hit = begin(disk_action::sync);
        if (hit == effect::before) {
            file().fail_sync(disk().random().one_in(2));
        } else {
            file().sync();
        }
        if (hit != effect::none) fail("cannot sync");
    }

  private:
    bool at_the_end_;
    std::uint64_t next_ = 0;
};

class held_lock final : public file_lock {
  public:
    explicit held_lock(std::shared_ptr<void> held) : held_(std::move(held)) {}

  private:
    std::shared_ptr<void> held_;
};

// * and ? as a shell takes them. O(length of pattern x length of name).
bool matches(std::string_view pattern, std::string_view name) {
    if (pattern.empty()) return name.empty();
    if (pattern.front() == '*') {
        return matches(pattern.substr(1), name) || (!name.empty() && matches(pattern, name.substr(1)));
    }
    return !name.empty() && (pattern.front() == '?' || pattern.front() == name.front()) &&
           matches(pattern.substr(1), name.substr(1));
}

std::string parent_of(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

}  // namespace

std::string text_of(const crash_policy& policy) {
    switch (policy.what) {
        case unsynced::lost: return "lost";
        case unsynced::kept: return "kept";
        case unsynced::names_kept: return "names kept";
        case unsynced::lengths_kept: return "lengths kept";
        case unsynced::contents_kept: return "contents kept";
        case unsynced::mixed: break;
    }
    return "mixed, seed " + std::to_string(policy.seed);
}

std::string_view text_of(fault_kind kind) noexcept {
    switch (kind) {
        case fault_kind::no_space: return "no space";
        case fault_kind::io_error: return "input/output error";
        case fault_kind::short_write: return "short write";
        case fault_kind::failed_though_done: return "failed though done";
        case fault_kind::read_error: return "read error";
    }
    return {};
}

simulated_disk::simulated_disk(std::uint64_t seed) : core_(std::make_shared<disk_core>(seed)) {}
simulated_disk::simulated_disk(std::shared_ptr<simulated::disk_core> core) : core_(std::move(core)) {}
simulated_disk::simulated_disk(simulated_disk&&) noexcept = default;
simulated_disk& simulated_disk::operator=(simulated_disk&&) noexcept = default;
simulated_disk::~simulated_disk() = default;

std::unique_ptr<input_file> simulated_disk::open_input(const std::string& path) {
    core_->expect_running();
    if (core_->begin(disk_action::open) != effect::none) fail_with("cannot open", path, core_->failure_code());
    return std::make_unique<opened_input>(core_, core_->file_of(path, "cannot open"), path);
}

std::optional<file_status> simulated_disk::status_of(const std::string& path) {
    core_->expect_running();
    if (core_->begin(disk_action::look) != effect::none) fail_with("cannot look at", path, core_->failure_code());
    const auto at = core_->find(path);
    if (!at) return std::nullopt;
    if (at->name.empty()) return status_from({{}, at->folder});
    const disk_entry* const found = at->entry();
    return found == nullptr ? std::nullopt : std::optional{status_from(*found)};
}

// A file that is there is cut, whatever other names it has.
std::unique_ptr<output_file> simulated_disk::create_output(const std::string& path) {
    core_->expect_running();
    const std::string what = "cannot create";
    const auto at = core_->locate(path, what);
    const disk_entry* const found = at.entry();
    if (at.name.empty() || (found != nullptr && found->folder)) fail_with(what, path, EISDIR);
    std::shared_ptr<disk_file> file = found == nullptr ? nullptr : found->file;
    core_->act(disk_action::make, what, path, [&] {
        if (file) return file->cut(0);
        file = std::make_shared<disk_file>(core_->next_number());
        at.folder->set(at.name, {file, {}});
    });
    return std::make_unique<opened_output>(opened{core_, file, path}, false);
}

std::vector<std::string> simulated_disk::list(const std::string& pattern) {
    core_->expect_running();
    const auto slash = pattern.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : pattern.substr(0, slash + 1);
    const std::string last = pattern.substr(folder.size());
    if (last.find_first_of("*?") == std::string::npos) return {pattern};
    const std::string what = "cannot list";
    if (core_->begin(disk_action::look) != effect::none) fail_with(what, folder, core_->failure_code());
    std::vector<std::string> found;
    for (const auto& [name, entry] : core_->folder_of(folder, what)->now()) {
        const bool hidden = name.starts_with('.') && !last.starts_with('.');
        if (!hidden && name != "/" && matches(last, name)) found.push_back(folder + name);
    }
    return found;
}

std::string simulated_disk::publish_target(const std::string& path) {
    core_->expect_running();
    const std::string what = "cannot write";
    if (core_->begin(disk_action::look) != effect::none) fail_with(what, path, core_->failure_code());
    const auto at = core_->locate(path, what);
    const disk_entry* const found = at.entry();
    if (at.name.empty() || (found != nullptr && found->folder)) fail_with(what, path, EISDIR);
    return std::filesystem::path(path).lexically_normal().string();
}

// In another folder, the new name and the old one are two changes that a crash may part.
void simulated_disk::publish(const std::string& from, const std::string& to) {
    core_->expect_running();
    const std::string what = "cannot publish";
    const auto source = core_->locate(from, what);
    const auto target = core_->locate(to, what);
    const std::shared_ptr<disk_file> file = core_->file_of(from, what);
    const disk_entry* const found = target.entry();
    if (target.name.empty() || (found != nullptr && found->folder)) fail_with(what, to, EISDIR);
    core_->act(disk_action::name, what, to, [&] {
        if (found != nullptr && found->file == file) return;
        if (source.folder == target.folder) return source.folder->rename(source.name, target.name);
        target.folder->set(target.name, {file, {}});
        source.folder->erase(source.name);
    });
    sync_folder(parent_of(to));
}

void simulated_disk::sync_folder(const std::string& path) {
    core_->expect_running();
    const auto folder = core_->folder_of(path, "cannot open");
    const effect hit = core_->begin(disk_action::sync_folder);
    if (hit == effect::before) {
        folder->fail_sync();
    } else {
        folder->sync();
    }
    if (hit != effect::none) fail_with("cannot sync", path, core_->failure_code());
}

bool simulated_disk::link(const std::string& from, const std::string& to) {
    core_->expect_running();
    const std::string what = "cannot name a file";
    const std::shared_ptr<disk_file> file = core_->file_of(from, what);
    const auto target = core_->locate(to, what);
    if (target.name.empty() || target.entry() != nullptr) {
        if (core_->begin(disk_action::look) != effect::none) fail_with(what, to, core_->failure_code());
        return false;
    }
    core_->act(disk_action::name, what, to, [&] { target.folder->set(target.name, {file, {}}); });
    return true;
}

std::unique_ptr<output_file> simulated_disk::append_output(const std::string& path, std::uint64_t size) {
    core_->expect_running();
    const std::string what = "cannot open";
    if (core_->begin(disk_action::open) != effect::none) fail_with(what, path, core_->failure_code());
    const std::shared_ptr<disk_file> file = core_->file_of(path, what);
    const std::uint64_t now = file->bytes().size();
    if (now < size) {
        throw error(error_kind::io, "cannot go on writing '" + path + "' behind its first " + std::to_string(size) +
                                        " bytes: it has " + std::to_string(now));
    }
    if (now > size) core_->act(disk_action::cut, "cannot cut", path, [&] { file->cut(size); });
    return std::make_unique<opened_output>(opened{core_, file, path}, true);
}

std::unique_ptr<file_lock> simulated_disk::lock_file(const std::string& path) {
    core_->expect_running();
    const std::string what = "cannot open";
    const auto at = core_->locate(path, what);
    if (at.entry() == nullptr && !at.name.empty()) {
        core_->act(disk_action::make, what, path,
                   [&] { at.folder->set(at.name, {std::make_shared<disk_file>(core_->next_number()), {}}); });
    } else if (core_->begin(disk_action::open) != effect::none) {
        fail_with(what, path, core_->failure_code());
    }
    const std::shared_ptr<disk_file> file = core_->file_of(path, what);
    if (!file->holder.expired()) return nullptr;
    const auto held = std::make_shared<char>();
    file->holder = held;
    return std::make_unique<held_lock>(held);
}

void simulated_disk::remove(const std::string& path) {
    core_->expect_running();
    const std::string what = "cannot remove";
    const auto at = core_->find(path);
    const disk_entry* const found = at ? at->entry() : nullptr;
    if (at && (at->name.empty() || (found != nullptr && found->folder))) fail_with(what, path, EISDIR);
    if (found != nullptr) {
        core_->act(disk_action::erase, what, path, [&] { at->folder->erase(at->name); });
    } else if (core_->begin(disk_action::look) != effect::none) {
        fail_with(what, path, core_->failure_code());
    }
}

void simulated_disk::create_folder(const std::string& path) {
    core_->expect_running();
    if (core_->begin(disk_action::look) != effect::none) {
        fail_with("cannot create folder", path, core_->failure_code());
    }
    core_->create_folders(path);
}

std::uint64_t simulated_disk::changes() const noexcept { return core_->changes(); }
void simulated_disk::crash_before(std::uint64_t change) { core_->crash_before(change); }
bool simulated_disk::crashed() const noexcept { return core_->crashed(); }
simulated_disk simulated_disk::after_power_loss(const crash_policy& policy) const {
    return simulated_disk{core_->after_power_loss(policy)};
}
void simulated_disk::reboot(const crash_policy& policy) { core_->reboot(policy); }
void simulated_disk::fail(const disk_fault& fault) { core_->fail(fault); }
void simulated_disk::heal() noexcept { core_->fail(std::nullopt); }
std::uint64_t simulated_disk::failures() const noexcept { return core_->failures(); }

void simulated_disk::put_file(const std::string& path, std::string text) {
    core_->put_file(path)->replace(std::move(text));
}
void simulated_disk::append_to_file(const std::string& path, std::string_view text) {
    const auto at = core_->find(path);
    const disk_entry* const found = at ? at->entry() : nullptr;
    if (found == nullptr || !found->file) return put_file(path, std::string{text});
    found->file->write(found->file->bytes().size(), text);
    found->file->sync();
}
void simulated_disk::overwrite_file(const std::string& path, std::string text) {
    if (file(path) == nullptr) return put_file(path, std::move(text));
    core_->file_of(path, {})->replace(std::move(text));
}
const std::string* simulated_disk::file(const std::string& path) const {
    const auto at = core_->find(path);
    const disk_entry* const found = at ? at->entry() : nullptr;
    return found == nullptr || !found->file ? nullptr : &found->file->bytes();
}
std::vector<std::string> simulated_disk::files() const { return core_->files(); }

}  // namespace weir::testing

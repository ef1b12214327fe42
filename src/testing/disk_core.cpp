// SPDX-License-Identifier: Apache-2.0
#include "disk_core.hpp"

#include <cstring>
#include <functional>

#include <weir/base/error.hpp>

namespace weir::testing::simulated {
namespace {

// The parts of a path, / itself being the first of one that begins with it.
std::vector<std::string> parts_of(const std::string& path) {
    std::vector<std::string> parts;
    if (path.starts_with('/')) parts.emplace_back("/");
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string part = path.substr(at, end - at);
        at = end + 1;
        if (part.empty() || part == ".") continue;
        if (part != "..") {
            parts.push_back(part);
        } else if (!parts.empty() && parts.back() != "/") {
            parts.pop_back();
        }
    }
    return parts;
}

constexpr bool changes_something(disk_action action) noexcept { return action < disk_action::open; }

bool can_hit(fault_kind kind, disk_action action) noexcept {
    switch (kind) {
        case fault_kind::no_space:
            return action == disk_action::make || action == disk_action::write || action == disk_action::sync ||
                   action == disk_action::name;
        case fault_kind::short_write: return action == disk_action::write;
        case fault_kind::io_error:
        case fault_kind::failed_though_done: return changes_something(action);
        case fault_kind::read_error: return !changes_something(action);
    }
    return false;
}

}  // namespace

void fail_with(const std::string& what, const std::string& path, int code) {
    throw error(error_kind::io, what + " '" + path + "': " + std::strerror(code));
}

disk_core::disk_core(std::uint64_t seed) : seed_(seed), random_(seed) {
    disk_folder::entries top;
    top["/"] = {{}, std::make_shared<disk_folder>(next_number())};
    root_ = std::make_shared<disk_folder>(next_number(), std::move(top));
}

disk_core::effect disk_core::begin(disk_action action) {
    expect_running();
    if (changes_something(action)) {
        if (crash_at_.erase(changes_) != 0) {
            crashed_at_ = changes_;
            throw simulated_crash{changes_};
        }
        ++changes_;
    }
    if (!fault_ || !can_hit(fault_->kind, action)) return effect::none;
    const std::uint64_t number = asked_++;
    if (number < fault_->at || (number > fault_->at && !fault_->for_good)) return effect::none;
    ++failures_;
    switch (fault_->kind) {
        case fault_kind::short_write: return effect::partly;
        case fault_kind::failed_though_done: return effect::after;
        default: return effect::before;
    }
}

int disk_core::failure_code() const noexcept {
    const bool full = fault_ && (fault_->kind == fault_kind::no_space || fault_->kind == fault_kind::short_write);
    return full ? ENOSPC : EIO;
}

void disk_core::expect_alive(std::uint64_t opened_in) const {
    expect_running();
    if (opened_in != life_) throw simulated_crash{changes_};
}

disk_core::place disk_core::locate(const std::string& path, const std::string& what) const {
    place at{root_, {}};
    for (std::string& part : parts_of(path)) {
        if (!at.name.empty()) {
            const disk_entry* const next = at.entry();
            if (next == nullptr) fail_with(what, path, ENOENT);
            if (!next->folder) fail_with(what, path, ENOTDIR);
            at.folder = next->folder;
        }
        at.name = std::move(part);
    }
    return at;
}

std::optional<disk_core::place> disk_core::find(const std::string& path) const {
    try {
        return locate(path, {});
    } catch (const error&) {
        return std::nullopt;
    }
}

std::shared_ptr<disk_folder> disk_core::folder_of(const std::string& path, const std::string& what) const {
    const place at = locate(path, what);
    if (at.name.empty()) return at.folder;
    const disk_entry* const found = at.entry();
    if (found == nullptr) fail_with(what, path, ENOENT);
    if (!found->folder) fail_with(what, path, ENOTDIR);
    return found->folder;
}

std::shared_ptr<disk_file> disk_core::file_of(const std::string& path, const std::string& what) const {
    const place at = locate(path, what);
    const disk_entry* const found = at.entry();
    if (found == nullptr) fail_with(what, path, at.name.empty() ? EISDIR : ENOENT);
    if (!found->file) fail_with(what, path, EISDIR);
    return found->file;
}

void disk_core::create_folders(const std::string& path) {
    const std::string what = "cannot create folder";
    std::shared_ptr<disk_folder> folder = root_;
    for (const std::string& part : parts_of(path)) {
        if (folder->find(part) == nullptr) {
            act(disk_action::make, what, path,
                [&] { folder->set(part, {{}, std::make_shared<disk_folder>(next_number())}); });
        }
        const disk_entry* const next = folder->find(part);
        if (!next->folder) fail_with(what, path, ENOTDIR);
        folder = next->folder;
    }
}

std::shared_ptr<disk_file> disk_core::put_file(const std::string& path) {
    const std::string what = "cannot put a file at";
    const std::vector<std::string> parts = parts_of(path);
    if (parts.empty() || parts.back() == "/") fail_with(what, path, EISDIR);
    std::shared_ptr<disk_folder> folder = root_;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        if (folder->find(parts[i]) == nullptr) {
            folder->set(parts[i], {{}, std::make_shared<disk_folder>(next_number())});
        }
        folder->sync();
        const disk_entry* const next = folder->find(parts[i]);
        if (!next->folder) fail_with(what, path, ENOTDIR);
        folder = next->folder;
    }
    const disk_entry* const before = folder->find(parts.back());
    if (before != nullptr && before->folder) fail_with(what, path, EISDIR);
    auto file = std::make_shared<disk_file>(next_number());
    folder->set(parts.back(), {file, {}});
    folder->sync();
    return file;
}

void disk_core::reboot(const crash_policy& policy) {
    root_ = disk_after_crash(policy).found(root_);
    crashed_at_.reset();
    ++life_;
}

std::shared_ptr<disk_core> disk_core::after_power_loss(const crash_policy& policy) const {
    auto found = std::make_shared<disk_core>(seed_ ^ policy.seed, disk_after_crash(policy).found(root_));
    found->numbers_ = numbers_;
    return found;
}

std::vector<std::string> disk_core::files() const {
    std::vector<std::string> paths;
    const std::function<void(const disk_folder&, const std::string&)> walk = [&](const disk_folder& folder,
                                                                                 const std::string& prefix) {
        for (const auto& [name, entry] : folder.now()) {
            if (entry.file) {
                paths.push_back(prefix + name);
            } else {
                walk(*entry.folder, name == "/" ? name : prefix + name + "/");
            }
        }
    };
    walk(*root_, {});
    return paths;
}

}  // namespace weir::testing::simulated

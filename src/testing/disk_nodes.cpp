// SPDX-License-Identifier: Apache-2.0
#include "disk_nodes.hpp"

#include <algorithm>

namespace weir::testing::simulated {
namespace {

constexpr std::uint64_t sector_bytes = 512;

void write_into(std::string& to, std::uint64_t offset, std::string_view bytes) {
    if (bytes.empty()) return;
    if (to.size() < offset + bytes.size()) to.resize(offset + bytes.size());
    to.replace(offset, bytes.size(), bytes);
}
void lengthen(std::string& to, std::uint64_t size) {
    if (to.size() < size) to.resize(size);
}

// Which of some changes that were not synced are there after a crash. Disks keep all or none, or what came before a
// moment, more often than chance would.
std::vector<bool> survivors(std::size_t count, seeded& random) {
    std::vector<bool> kept(count, false);
    switch (random.below(6)) {
        case 0: break;
        case 1: kept.assign(count, true); break;
        case 2: std::fill_n(kept.begin(), random.below(count + 1), true); break;
        case 3: kept.assign(count, true); kept[random.below(count)] = false; break;
        default:
            for (std::size_t i = 0; i < count; ++i) kept[i] = random.one_in(2);
    }
    return kept;
}

}  // namespace

void disk_file::write(std::uint64_t offset, std::string_view bytes) {
    if (bytes.empty()) return;
    if (offset < bytes_.size()) keep_copies();
    if (offset == bytes_.size()) {
        bytes_.append(bytes);
    } else {
        write_into(bytes_, offset, bytes);
    }
    changes_.push_back({.offset = offset, .length = bytes.size(), .own = {}});
}

void disk_file::cut(std::uint64_t size) {
    keep_copies();
    bytes_.resize(size);
    changes_.push_back({.is_cut = true, .offset = size, .own = {}});
}

// A hole that a write left behind the synced bytes is zeros in both, so a range is always enough.
void disk_file::sync() {
    const bool whole = std::none_of(changes_.begin(), changes_.end(), [](const change& each) { return each.let_go; });
    if (whole && !synced_copy_) {
        synced_size_ = bytes_.size();
    } else if (!changes_.empty()) {
        std::string now = synced();
        for (const change& each : changes_) {
            if (!each.let_go) {
                apply(now, each);
            } else if (each.as_zeros && !each.is_cut) {
                lengthen(now, each.offset + each.length);
            }
        }
        synced_copy_ = std::move(now);
        if (*synced_copy_ == bytes_) {
            synced_copy_.reset();
            synced_size_ = bytes_.size();
        }
    }
    changes_.clear();
}

void disk_file::fail_sync(bool as_zeros) {
    keep_copies();
    for (change& each : changes_) {
        each.let_go = true;
        each.as_zeros = as_zeros;
    }
}

void disk_file::replace(std::string bytes) {
    bytes_ = std::move(bytes);
    synced_size_ = bytes_.size();
    synced_copy_.reset();
    changes_.clear();
}

std::string disk_file::synced() const { return synced_copy_ ? *synced_copy_ : bytes_.substr(0, synced_size_); }

std::string_view disk_file::written_by(const change& each) const {
    return each.own ? std::string_view{*each.own} : std::string_view{bytes_}.substr(each.offset, each.length);
}

void disk_file::keep_copies() {
    if (!synced_copy_) synced_copy_ = synced();
    for (change& each : changes_) {
        if (!each.is_cut && !each.own) each.own = std::string{written_by(each)};
    }
}

void disk_file::apply(std::string& to, const change& each) const {
    if (each.is_cut) {
        if (each.offset < to.size()) to.resize(each.offset);
    } else {
        write_into(to, each.offset, written_by(each));
    }
}

// Of a write: a part from its beginning, some of its sectors, its length alone, or all of it.
void disk_file::apply_by_chance(std::string& to, const change& each, seeded& random) const {
    if (each.is_cut) return apply(to, each);
    const std::string_view bytes = written_by(each);
    switch (random.below(6)) {
        case 0: return write_into(to, each.offset, bytes.substr(0, random.below(bytes.size() + 1)));
        case 1: return lengthen(to, each.offset + bytes.size());
        case 2:
            for (std::uint64_t at = 0; at < bytes.size();) {
                const std::uint64_t rest = sector_bytes - (each.offset + at) % sector_bytes;
                const std::uint64_t next = std::min(bytes.size(), at + rest);
                if (random.one_in(2)) write_into(to, each.offset + at, bytes.substr(at, next - at));
                at = next;
            }
            if (random.one_in(2)) lengthen(to, each.offset + bytes.size());
            return;
        default: return write_into(to, each.offset, bytes);
    }
}

std::string disk_file::after_crash(unsynced what, seeded& random) const {
    switch (what) {
        case unsynced::kept:
        case unsynced::contents_kept: return bytes_;
        case unsynced::lost:
        case unsynced::names_kept: return synced();
        case unsynced::lengths_kept: {
            std::string found = synced();
            found.resize(bytes_.size());
            return found;
        }
        case unsynced::mixed: break;
    }
    std::string found = synced();
    if (changes_.empty()) return found;
    const std::vector<bool> kept = survivors(changes_.size(), random);
    const bool whole = random.one_in(3);
    for (std::size_t i = 0; i < changes_.size(); ++i) {
        if (!kept[i]) continue;
        if (whole) {
            apply(found, changes_[i]);
        } else {
            apply_by_chance(found, changes_[i], random);
        }
    }
    return found;
}

const disk_entry* disk_folder::find(std::string_view name) const {
    const auto found = now_.find(name);
    return found == now_.end() ? nullptr : &found->second;
}

void disk_folder::change_names(std::string_view from, std::string_view to, disk_entry what) {
    changes_.push_back({std::string{from}, std::string{to}, std::move(what)});
    apply(now_, changes_.back());
}

void disk_folder::apply(entries& to, const change& each) {
    if (!each.from.empty()) to.erase(each.from);
    if (!each.to.empty()) to.insert_or_assign(each.to, each.what);
}

void disk_folder::sync() {
    for (const change& each : changes_) {
        if (!each.let_go) apply(synced_, each);
    }
    changes_.clear();
}

void disk_folder::fail_sync() {
    for (change& each : changes_) each.let_go = true;
}

disk_folder::entries disk_folder::after_crash(unsynced what, seeded& random) const {
    switch (what) {
        case unsynced::kept:
        case unsynced::names_kept:
        case unsynced::lengths_kept: return now_;
        case unsynced::lost:
        case unsynced::contents_kept: return synced_;
        case unsynced::mixed: break;
    }
    entries found = synced_;
    if (changes_.empty()) return found;
    const std::vector<bool> kept = survivors(changes_.size(), random);
    for (std::size_t i = 0; i < changes_.size(); ++i) {
        if (kept[i]) apply(found, changes_[i]);
    }
    return found;
}

std::shared_ptr<disk_file> disk_after_crash::found(const std::shared_ptr<disk_file>& file) {
    auto& made = files_[file.get()];
    if (!made && what_ == unsynced::kept) made = file->copy();
    if (!made) made = std::make_shared<disk_file>(file->number(), file->after_crash(what_, random_));
    return made;
}

disk_entry disk_after_crash::found(const disk_entry& entry) {
    if (entry.folder) return {{}, found(entry.folder)};
    return {entry.file ? found(entry.file) : nullptr, {}};
}

disk_folder::entries disk_after_crash::found(disk_folder::entries names) {
    for (auto& [name, entry] : names) entry = found(entry);
    return names;
}

std::shared_ptr<disk_folder> disk_after_crash::found(const std::shared_ptr<disk_folder>& folder) {
    if (const auto known = folders_.find(folder.get()); known != folders_.end()) return known->second;
    const auto made = std::make_shared<disk_folder>(folder->number());
    folders_[folder.get()] = made;
    if (what_ != unsynced::kept) {
        made->now_ = made->synced_ = found(folder->after_crash(what_, random_));
        return made;
    }
    made->now_ = found(folder->now_);
    made->synced_ = found(folder->synced_);
    made->changes_ = folder->changes_;
    for (disk_folder::change& each : made->changes_) each.what = found(each.what);
    return made;
}

}  // namespace weir::testing::simulated

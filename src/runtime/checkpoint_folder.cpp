// SPDX-License-Identifier: Apache-2.0
#include "checkpoint_folder.hpp"

#include <algorithm>
#include <map>

#include "checkpoint_manifest.hpp"
#include "checkpoint_segment.hpp"

namespace weir {
namespace detail {
namespace {

// What is wrong with a segment that the manifest names, as far as it can be seen without reading it; empty if nothing.
class segment_check {
  public:
    segment_check(environment& where, const std::string& folder) : where_(where), folder_(folder) {}
    std::string problem_of(const checkpoint_segment& segment, const checkpoint_info& info) {
        const auto name = parse_segment_name(segment.name);
        auto known = looks_.find(segment.name);
        if (known == looks_.end()) known = looks_.emplace(segment.name, look_at(segment.name)).first;
        const look& seen = known->second;
        const std::string which = "its segment '" + folder_ + "/" + segment.name + "'";
        if (!seen.bytes) return which + " is missing";
        if (*seen.bytes != segment.bytes) {
            return which + " has " + std::to_string(*seen.bytes) + " bytes instead of " + std::to_string(segment.bytes);
        }
        if (!seen.problem.empty()) return seen.problem;
        if (!name || seen.header.file != name->file || seen.header.epoch != name->epoch ||
            seen.header.job != info.job || seen.header.epoch > info.epoch) {
            return which + " is another file under this name";
        }
        return {};
    }

  private:
    struct look {
        std::optional<std::uint64_t> bytes;
        checkpoint_header header;
        std::string problem;
    };
    look look_at(const std::string& name) {
        const std::string path = folder_ + "/" + name;
        look seen;
        const auto status = where_.status_of(path);
        if (!status) return seen;
        seen.bytes = status->size;
        if (!status->plain) {
            seen.problem = "'" + path + "' is no file";
            return seen;
        }
        try {
            seen.header = read_checkpoint_header(where_, path, checkpoint_file_kind::segment);
        } catch (const newer_checkpoint&) {
            throw;
        } catch (const error& wrong) {
            if (wrong.kind() != error_kind::state) throw;
            seen.problem = wrong.what();
        }
        return seen;
    }

    environment& where_;
    const std::string& folder_;
    std::map<std::string, look> looks_;
};

// The highest incarnation counts, whatever else is wrong with a manifest.
std::uint64_t incarnation_by_header(environment& where, const std::string& path) {
    try {
        return read_checkpoint_header(where, path, checkpoint_file_kind::manifest).incarnation;
    } catch (const error&) {
        return 0;
    }
}

void check_segments(segment_check& check, found_checkpoint& found) {
    for (const checkpoint_segment& each : found.info->segments) {
        found.problem = check.problem_of(each, *found.info);
        if (!found.problem.empty()) return;
    }
}

found_checkpoint look_at_checkpoint(environment& where, const std::string& folder, std::uint64_t epoch,
                                    segment_check& check) {
    found_checkpoint found;
    found.epoch = epoch;
    try {
        found.info = read_manifest(where, folder, epoch);
        found.incarnation = found.info->incarnation;
        check_segments(check, found);
    } catch (const newer_checkpoint& wrong) {
        found.problem = wrong.what();
        found.newer_format = true;
    } catch (const error& wrong) {
        if (wrong.kind() != error_kind::state) throw;
        found.problem = wrong.what();
        found.incarnation = incarnation_by_header(where, folder + "/" + manifest_name(epoch));
    }
    if (!found.sound() && !found.newer_format) {
        found.problem =
            "checkpoint " + std::to_string(epoch) + " in '" + folder + "' cannot be used: " + found.problem;
    }
    return found;
}

}  // namespace

std::string folder_path(const std::string& path) {
    if (path.empty()) throw error(error_kind::configuration, "checkpoints need a folder: its path is empty");
    const std::size_t last = path.find_last_not_of('/');
    return last == std::string::npos ? "/" : path.substr(0, last + 1);
}

std::vector<std::string> names_in(environment& where, const std::string& folder, std::string_view head) {
    std::vector<std::string> names = where.list(folder + "/" + std::string{head} + "*");
    for (std::string& each : names) each.erase(0, each.rfind('/') + 1);
    return names;
}

found_files look_into(environment& where, const std::string& folder, bool shared) {
    found_files found;
    segment_check check(where, folder);
    for (const std::string& name : names_in(where, folder, "manifest-")) {
        const auto epoch = parse_manifest_name(name);
        if (!epoch) continue;
        // A manifest goes before its segments do.
        const auto went = [&] { return shared && !where.status_of(folder + "/" + name); };
        try {
            found_checkpoint each = look_at_checkpoint(where, folder, *epoch, check);
            if (each.sound() || !went()) found.checkpoints.push_back(std::move(each));
        } catch (const error&) {
            if (!went()) throw;
        }
    }
    std::sort(found.checkpoints.begin(), found.checkpoints.end(),
              [](const auto& left, const auto& right) { return left.epoch > right.epoch; });
    for (const std::string& name : names_in(where, folder, "segment-")) {
        const auto parsed = parse_segment_name(name);
        if (parsed) found.highest_segment_epoch = std::max(found.highest_segment_epoch, parsed->epoch);
    }
    return found;
}

}  // namespace detail

std::vector<checkpoint_info> list_checkpoints(environment& where, const std::string& path,
                                              std::vector<std::string>& problems) {
    std::vector<checkpoint_info> sound;
    for (detail::found_checkpoint& each : detail::look_into(where, detail::folder_path(path), true).checkpoints) {
        if (each.sound()) {
            sound.push_back(std::move(*each.info));
        } else {
            problems.push_back(std::move(each.problem));
        }
    }
    return sound;
}

class checkpoint_entries::impl {
  public:
    impl(environment& where, const std::string& path, const checkpoint_info& which)
        : path_(detail::folder_path(path)),
          epoch_(which.epoch),
          stages_(which.stages.size()),
          entries_(where, path_, which.segments, 0, which.job) {}
    bool next() {
        while (entries_.next()) {
            if (current().stage >= stages_) {
                throw error(error_kind::state, "checkpoint " + std::to_string(epoch_) + " in '" + path_ +
                                                   "' is damaged: it has state of stage " +
                                                   std::to_string(current().stage) + ", and names only " +
                                                   std::to_string(stages_));
            }
            if (!current().gone) return true;
        }
        return false;
    }
    [[nodiscard]] const state_batch::entry& current() const noexcept { return entries_.current(); }

  private:
    std::string path_;
    std::uint64_t epoch_;
    std::size_t stages_;
    detail::merged_segments entries_;
};

checkpoint_entries::checkpoint_entries(environment& where, const std::string& path, const checkpoint_info& which)
    : impl_(std::make_unique<impl>(where, path, which)) {}
checkpoint_entries::~checkpoint_entries() = default;
bool checkpoint_entries::next() { return impl_->next(); }
const state_batch::entry& checkpoint_entries::current() const noexcept { return impl_->current(); }

void read_checkpoint(environment& where, const std::string& path, const checkpoint_info& which,
                     const std::function<void(const state_batch::entry&)>& visit) {
    checkpoint_entries entries(where, path, which);
    while (entries.next()) visit(entries.current());
}

}  // namespace weir

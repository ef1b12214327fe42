// SPDX-License-Identifier: Apache-2.0
// What lies in a checkpoint folder, looked at and not changed.
#pragma once
#include <optional>

#include <weir/runtime/checkpoint_store.hpp>

#include "checkpoint_file.hpp"

namespace weir::detail {

struct found_checkpoint {
    std::uint64_t epoch = 0;              // by its name
    std::optional<checkpoint_info> info;  // if it could be read
    std::uint64_t incarnation = 0;        // as its header says, if that could be read
    std::string problem;                  // why it cannot be used; empty if it is sound
    bool newer_format = false;
    [[nodiscard]] bool sound() const noexcept { return problem.empty(); }
};

struct found_files {
    std::vector<found_checkpoint> checkpoints;  // from the newest
    std::uint64_t highest_segment_epoch = 0;    // 0 if there is no segment
};

// Of a path without a slash at its end.
[[nodiscard]] std::string folder_path(const std::string& path);
// The names of all that is in it and begins like this.
[[nodiscard]] std::vector<std::string> names_in(environment& where, const std::string& folder, std::string_view head);
// Reads all manifests, and looks at the segments they name. `shared`: others may remove files meanwhile.
[[nodiscard]] found_files look_into(environment& where, const std::string& folder, bool shared);

}  // namespace weir::detail

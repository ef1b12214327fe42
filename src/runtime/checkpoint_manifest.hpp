// SPDX-License-Identifier: Apache-2.0
// Manifests: each says all of one checkpoint, its segments by name.
#pragma once
#include <optional>

#include <weir/runtime/checkpoint_store.hpp>

#include "checkpoint_file.hpp"

namespace weir::detail {

// manifest-<epoch, 20 digits>
[[nodiscard]] std::string manifest_name(std::uint64_t epoch);
[[nodiscard]] std::optional<std::uint64_t> parse_manifest_name(std::string_view text);

// Writes all but the name that makes it one, on the disk when this returns.
void write_manifest(environment& where, const std::string& path, const checkpoint_info& info, std::uint64_t file);
// An error of kind state if it is not as it was written.
[[nodiscard]] checkpoint_info read_manifest(environment& where, const std::string& folder, std::uint64_t epoch);

}  // namespace weir::detail

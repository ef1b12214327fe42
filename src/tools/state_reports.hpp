// SPDX-License-Identifier: Apache-2.0
// What weir-state says of a checkpoint folder. Each report goes to standard output, sentences on what is wrong to the
// error output, and what is returned is the exit code.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "state_lines.hpp"

namespace weir_state {

inline constexpr int exit_well = 0;
inline constexpr int exit_found = 1;  // damage, or a difference
inline constexpr int exit_refused = 2;

struct selection {
    std::string folder;
    std::optional<std::uint64_t> epoch;  // else the newest that is sound
    std::string stage;                   // empty: all
};

// A line per checkpoint.
[[nodiscard]] int list(const std::string& folder);
// A line per stage, with what its entries take.
[[nodiscard]] int stages(const selection& which);
// A line of JSON per entry.
[[nodiscard]] int print(const selection& which, const line_options& options);
// Reads all there is.
[[nodiscard]] int verify(const std::string& folder);
// A line of JSON per entry that is not in both epochs, or not the same.
[[nodiscard]] int diff(const std::string& folder, std::uint64_t from, std::uint64_t to, const std::string& stage,
                       const line_options& options);

}  // namespace weir_state

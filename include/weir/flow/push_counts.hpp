// SPDX-License-Identifier: Apache-2.0
// What became of the records that a host pushed into a log.
#pragma once
#include <cstdint>

namespace weir {

struct push_counts {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;  // full: by policy, or after waiting in vain
    std::uint64_t dropped = 0;
    std::uint64_t waiting = 0;  // accepted, and not read yet
    friend bool operator==(const push_counts&, const push_counts&) = default;
};

}  // namespace weir

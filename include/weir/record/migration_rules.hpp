// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

namespace weir {

// A field that has another name now: where it was, "count" or "last.count" in a struct within (of an array, a list or a
// map: "items[].count"), and what it is called in the same struct. A rule of a field that was not there changes
// nothing, so that it may stay.
struct renamed_field {
    std::string from;
    std::string to;
};
using migration_rules = std::vector<renamed_field>;

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// expect: a condition of this pattern does not fit the stream's records
#include "patterns.hpp"

struct other_record {
    int amount = 0;
};
void wrong() {
    const auto pattern = weir::pattern(weir::begin(low, [](const other_record& each) { return each.amount > 1; }));
    auto stream = keyed() | weir::match(pattern, [](const auto& match) { return match[low].size(); });
}

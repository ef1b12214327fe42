// SPDX-License-Identifier: Apache-2.0
// expect: this pattern has no such stage that takes events
#include "patterns.hpp"

void wrong() {
    auto stream = keyed() | weir::match(rising(), [](const auto& match) { return match[other].size(); });
}

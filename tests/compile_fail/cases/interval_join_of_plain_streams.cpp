// SPDX-License-Identifier: Apache-2.0
// expect: interval_join takes two keyed streams: put weir::key_by(...) behind each
#include "reading.hpp"

void wrong() {
    auto stream = weir::interval_join(timed(), keyed(), weir::between(0s, 1s)) |
                  weir::map([](const auto& each) { return each; });
}

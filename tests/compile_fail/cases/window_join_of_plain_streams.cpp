// SPDX-License-Identifier: Apache-2.0
// expect: window_join and cogroup take two keyed streams: put weir::key_by(...) behind each
#include "reading.hpp"

void wrong() {
    auto stream = weir::window_join(timed(), keyed(), weir::tumbling(10s)) |
                  weir::map([](const auto& each) { return each; });
}

// SPDX-License-Identifier: Apache-2.0
// expect: as_of_join takes two keyed streams: put weir::key_by(...) behind each
#include "reading.hpp"

void wrong() {
    auto stream = weir::as_of_join(timed(), keyed(), weir::keep_for(1h)) |
                  weir::map([](const auto& each) { return each; });
}

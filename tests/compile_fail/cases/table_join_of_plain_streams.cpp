// SPDX-License-Identifier: Apache-2.0
// expect: table_join takes two keyed streams: put weir::key_by(...) behind each
#include "reading.hpp"

void wrong() {
    auto stream = weir::table_join(keyed(), timed(), weir::keep_for(24h)) |
                  weir::map([](const auto& each) { return each; });
}

// SPDX-License-Identifier: Apache-2.0
// expect: session(fn) needs fn(const Record&) to give a duration
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::window(weir::session([](const std::string&) { return 1s; })) |
                  weir::aggregate(weir::count());
}

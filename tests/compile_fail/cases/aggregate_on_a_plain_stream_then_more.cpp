// SPDX-License-Identifier: Apache-2.0
// expect: aggregate needs a window: put weir::window(...) before it
#include "reading.hpp"

void wrong() {
    auto stream = log_of_readings() | weir::aggregate(weir::count()) | weir::map([](auto x) { return x; }) |
                  weir::into(weir::csv("out.csv"));
}

// SPDX-License-Identifier: Apache-2.0
// expect: aggregate needs a window: put weir::window(...) before it
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::aggregate(weir::count());
}

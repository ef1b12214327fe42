// SPDX-License-Identifier: Apache-2.0
// expect: only a map can degrade or give up its result
#include "reading.hpp"

void wrong() {
    auto stream = windowed_readings() | weir::named("rows", weir::aggregate(weir::count()),
                                                    weir::budget(5ms, weir::degrade([](const reading&) { return 1; })));
}

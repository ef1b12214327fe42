// SPDX-License-Identifier: Apache-2.0
// expect: the fallback with the same result
#include "reading.hpp"

void wrong() {
    auto stream =
        timed() | weir::named("score", weir::map([](const reading& each) { return each.value; }),
                              weir::budget(5ms, weir::degrade([](const reading& each) { return each.sensor; })));
}

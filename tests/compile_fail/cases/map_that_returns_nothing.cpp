// SPDX-License-Identifier: Apache-2.0
// expect: map needs a function that returns the new record, not void
#include "reading.hpp"

void wrong() {
    auto stream = timed() | weir::map([](const reading&) {});
}

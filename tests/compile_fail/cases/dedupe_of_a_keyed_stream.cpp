// SPDX-License-Identifier: Apache-2.0
// expect: dedupe takes a plain stream: it has the id for its key
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::dedupe(&reading::sensor, 1h);
}

// SPDX-License-Identifier: Apache-2.0
// expect: this is no weir operation
#include "reading.hpp"

void wrong() {
    auto end = timed() | weir::csv("out.csv");
}

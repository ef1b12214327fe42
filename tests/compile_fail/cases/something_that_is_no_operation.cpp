// SPDX-License-Identifier: Apache-2.0
// expect: this is no weir operation: put map, filter, key_by, window, aggregate, process or into after |
#include "reading.hpp"

void wrong() {
    auto stream = timed() | [](const reading& each) { return each; };
}

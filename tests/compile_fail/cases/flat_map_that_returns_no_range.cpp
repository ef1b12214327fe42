// SPDX-License-Identifier: Apache-2.0
// expect: flat_map needs a function that returns a range, such as std::vector
#include "reading.hpp"

void wrong() {
    auto stream = timed() | weir::flat_map([](const reading& each) { return each.value; });
}

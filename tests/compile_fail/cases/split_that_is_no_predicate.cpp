// SPDX-License-Identifier: Apache-2.0
// expect: split needs a predicate: bool(const Record&)
#include "reading.hpp"

void wrong() {
    auto [left, right] = timed() | weir::split([](const reading&) {});
}

// SPDX-License-Identifier: Apache-2.0
// expect: map needs a function that can be called with the record
#include "reading.hpp"

void wrong() {
    auto stream = timed() | weir::map([](const std::string& each) { return each; });
}

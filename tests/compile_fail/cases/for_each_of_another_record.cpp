// SPDX-License-Identifier: Apache-2.0
// expect: this sink does not take this record
#include "reading.hpp"

void wrong() {
    auto end = timed() | weir::into(weir::for_each([](const std::string&) {}));
}

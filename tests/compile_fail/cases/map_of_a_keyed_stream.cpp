// SPDX-License-Identifier: Apache-2.0
// expect: map takes a plain stream: put it before weir::key_by(...), or after the aggregate
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::map([](const reading& each) { return each; });
}

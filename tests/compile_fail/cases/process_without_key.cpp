// SPDX-License-Identifier: Apache-2.0
// expect: process needs a key: put weir::key_by(...) before it
#include "reading.hpp"

void wrong() {
    auto stream =
        timed() | weir::process<running_total>([](auto&, const reading& each, running_total&) { return each; });
}

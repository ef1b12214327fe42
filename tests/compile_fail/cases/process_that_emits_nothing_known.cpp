// SPDX-License-Identifier: Apache-2.0
// expect: process needs to know what it emits: return it, or write process<State, Out>(...)
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::process<running_total>([](auto&, const reading&, running_total&) {});
}

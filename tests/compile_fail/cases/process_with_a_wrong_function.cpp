// SPDX-License-Identifier: Apache-2.0
// expect: process needs a function fn(auto& context, const Record&, State&)
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::process<running_total>([](const reading& each) { return each; });
}

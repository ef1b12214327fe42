// SPDX-License-Identifier: Apache-2.0
// expect: only a stage has a name
#include "reading.hpp"

void wrong() {
    auto stream =
        log_of_readings() | weir::named("twice", weir::map([](const reading& each) { return each.value * 2; }));
}

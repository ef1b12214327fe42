// SPDX-License-Identifier: Apache-2.0
// expect: filter takes a plain stream: put it before weir::key_by(...), or after the aggregate
#include "reading.hpp"

void wrong() {
    auto stream = windowed_readings() | weir::filter([](const reading& each) { return each.value > 0; });
}

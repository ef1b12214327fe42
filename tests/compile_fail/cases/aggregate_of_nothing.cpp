// SPDX-License-Identifier: Apache-2.0
// expect: aggregate needs at least one aggregate
#include "reading.hpp"

void wrong() {
    auto stream = windowed_readings() | weir::aggregate();
}

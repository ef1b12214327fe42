// SPDX-License-Identifier: Apache-2.0
// expect: aggregate needs aggregates, such as weir::count()
#include "reading.hpp"

void wrong() {
    auto stream = windowed_readings() | weir::aggregate(&reading::value);
}

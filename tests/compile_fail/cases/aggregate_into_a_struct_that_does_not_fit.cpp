// SPDX-License-Identifier: Apache-2.0
// expect: aggregate<Summary> needs a struct whose fields are key, start, end and one per aggregate
#include "reading.hpp"

void wrong() {
    auto stream = windowed_readings() | weir::aggregate<running_total>(weir::count());
}

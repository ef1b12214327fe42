// SPDX-License-Identifier: Apache-2.0
// expect: dedupe needs event time: put weir::event_time
#include "reading.hpp"

void wrong() {
    auto stream = log_of_readings() | weir::dedupe(&reading::sensor, 1h);
}

// SPDX-License-Identifier: Apache-2.0
// expect: event_time takes a log: put it right behind the source
#include "reading.hpp"

void wrong() {
    auto stream = log_of_readings() | weir::key_by(&reading::sensor) | clocked();
}

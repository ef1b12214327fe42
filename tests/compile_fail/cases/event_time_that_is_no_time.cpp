// SPDX-License-Identifier: Apache-2.0
// expect: event_time needs a weir::timestamp member of the record, or a function that returns one
#include "reading.hpp"

void wrong() {
    auto stream = log_of_readings() | weir::event_time(&reading::value, weir::out_of_order(5s));
}

// SPDX-License-Identifier: Apache-2.0
// expect: sort_by_time needs event time: put weir::event_time(...) behind the source
#include "reading.hpp"

void wrong() {
    auto stream = log_of_readings() | weir::sort_by_time();
}

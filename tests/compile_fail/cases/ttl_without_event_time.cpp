// SPDX-License-Identifier: Apache-2.0
// expect: ttl needs event time: put weir::event_time
#include "reading.hpp"

void wrong() {
    auto stream = log_of_readings() | weir::key_by(&reading::sensor) |
                  weir::process<running_total>([](auto&, const reading&, running_total& state) { return state.sum; },
                                               weir::ttl(1h));
}

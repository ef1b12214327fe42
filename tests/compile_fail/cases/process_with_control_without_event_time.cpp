// SPDX-License-Identifier: Apache-2.0
// expect: process_with needs event time on both streams: put weir::event_time
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::process_with<running_total, double>(
                              log_of_readings(),
                              [](auto&, const reading& each, running_total&, const double&) { return each.value; },
                              [](const reading& each, double& limit) { limit = each.value; });
}

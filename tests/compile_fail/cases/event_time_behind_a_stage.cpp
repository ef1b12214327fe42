// SPDX-License-Identifier: Apache-2.0
// expect: event_time takes a log: put it behind the source, before any stage and only once
#include "reading.hpp"

void wrong() {
    auto results = log_of_readings() | weir::key_by(&reading::sensor) |
                   weir::process<running_total>([](auto&, const reading& each, running_total&) { return each; });
    auto stream = results | clocked();
}

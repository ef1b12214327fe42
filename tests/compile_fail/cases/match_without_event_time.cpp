// SPDX-License-Identifier: Apache-2.0
// expect: match needs event time: put weir::event_time(&Record::at, weir::out_of_order(5s)) behind the source
#include "patterns.hpp"

void wrong() { auto stream = log_of_readings() | weir::key_by(&reading::sensor) | weir::match(rising(), count_high); }

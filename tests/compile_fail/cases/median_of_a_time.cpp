// SPDX-License-Identifier: Apache-2.0
// expect: median needs a number: float, double or an integer of up to 64 bits
#include "reading.hpp"
#include <weir/aggregates/median.hpp>

void wrong() {
    auto stream = windowed_readings() | weir::aggregate(weir::median(&reading::at, 10));
}

// SPDX-License-Identifier: Apache-2.0
// expect: quantile needs a number: float, double or an integer of up to 64 bits
#include "reading.hpp"
#include <weir/aggregates/quantile.hpp>

void wrong() {
    auto stream = windowed_readings() | weir::aggregate(weir::quantile(&reading::at, 0.5));
}

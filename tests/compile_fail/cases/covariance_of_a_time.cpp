// SPDX-License-Identifier: Apache-2.0
// expect: covariance and correlation need two numbers: float, double or an integer of up to 64 bits
#include "reading.hpp"
#include <weir/aggregates/covariance.hpp>

void wrong() {
    auto stream = windowed_readings() | weir::aggregate(weir::covariance(&reading::value, &reading::at));
}

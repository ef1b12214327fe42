// SPDX-License-Identifier: Apache-2.0
// expect: exponential_mean needs a number: float, double or an integer of up to 64 bits
#include "reading.hpp"
#include <weir/aggregates/exponential_mean.hpp>

void wrong() {
    auto stream = windowed_readings() | weir::aggregate(weir::exponential_mean(&reading::at, 5s));
}

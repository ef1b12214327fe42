// SPDX-License-Identifier: Apache-2.0
// expect: an aggregate reads another record than this stream carries
#include "reading.hpp"
#include <weir/aggregates/correlation.hpp>

void wrong() {
    auto stream = windowed_readings() | weir::aggregate(weir::correlation(&reading::value, &undescribed::id));
}

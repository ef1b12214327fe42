// SPDX-License-Identifier: Apache-2.0
// expect: an aggregate reads another record than this stream carries
#include "reading.hpp"
#include <weir/aggregates/min_by.hpp>

void wrong() {
    auto stream = windowed_readings() | weir::aggregate(weir::min_by(&reading::value, &undescribed::id));
}

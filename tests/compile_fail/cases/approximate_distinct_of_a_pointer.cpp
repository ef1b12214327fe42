// SPDX-License-Identifier: Apache-2.0
// expect: approximate_distinct needs values with a stable hash
#include "reading.hpp"
#include <weir/aggregates/approximate_distinct.hpp>

void wrong() {
    auto itself = [](const reading& each) { return &each; };
    auto stream = windowed_readings() | weir::aggregate(weir::approximate_distinct(itself));
}

// SPDX-License-Identifier: Apache-2.0
// expect: reduce needs op(left, right) of two values of the identity's type
#include "reading.hpp"
#include <weir/aggregates/reduce.hpp>

void wrong() {
    auto stream = windowed_readings() | weir::aggregate(weir::reduce(&reading::value, 0.0, 1.0));
}

// SPDX-License-Identifier: Apache-2.0
// expect: count_by needs categories that < orders totally, and no doubles
#include "reading.hpp"
#include <weir/aggregates/count_by.hpp>

void wrong() {
    auto stream = windowed_readings() | weir::aggregate(weir::count_by(&reading::value, 10));
}

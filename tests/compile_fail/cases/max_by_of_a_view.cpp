// SPDX-License-Identifier: Apache-2.0
// expect: min_by and max_by keep both values: return a std::string, not a view or a pointer
#include "reading.hpp"
#include <weir/aggregates/max_by.hpp>

void wrong() {
    auto name = [](const reading&) { return std::string_view{"a name"}; };
    auto stream = windowed_readings() | weir::aggregate(weir::max_by(&reading::value, name));
}

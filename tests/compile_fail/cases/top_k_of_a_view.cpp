// SPDX-License-Identifier: Apache-2.0
// expect: top_k and bottom_k keep values: return a std::string, not a view or a pointer
#include "reading.hpp"
#include <weir/aggregates/top_k.hpp>

void wrong() {
    auto name = [](const reading&) { return std::string_view{"a name"}; };
    auto stream = windowed_readings() | weir::aggregate(weir::top_k(3, name));
}

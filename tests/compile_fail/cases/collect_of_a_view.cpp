// SPDX-License-Identifier: Apache-2.0
// expect: collect keeps values: return a std::string, not a view or a pointer
#include "reading.hpp"
#include <weir/aggregates/collect.hpp>

void wrong() {
    auto name = [](const reading&) { return std::string_view{"a name"}; };
    auto stream = windowed_readings() | weir::aggregate(weir::collect(name, 3));
}

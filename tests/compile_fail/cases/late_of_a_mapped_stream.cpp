// SPDX-License-Identifier: Apache-2.0
// expect: late needs the stream right behind a stage that judges lateness
#include "reading.hpp"

void wrong() {
    auto results = windowed_readings() | weir::aggregate(weir::count());
    auto late = weir::late(results | weir::map([](const auto& each) { return each.key; }));
}

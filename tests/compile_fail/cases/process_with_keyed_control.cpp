// SPDX-License-Identifier: Apache-2.0
// expect: process_with takes its control records from a plain stream
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::process_with<running_total, double>(
                              keyed(),
                              [](auto&, const reading& each, running_total&, const double&) { return each.value; },
                              [](const reading& each, double& limit) { limit = each.value; });
}

// SPDX-License-Identifier: Apache-2.0
// expect: process_with needs a key: put weir::key_by(...) before it
#include "reading.hpp"

void wrong() {
    auto stream = timed() | weir::process_with<running_total, double>(
                              timed(),
                              [](auto&, const reading& each, running_total&, const double&) { return each.value; },
                              [](const reading& each, double& limit) { limit = each.value; });
}

// SPDX-License-Identifier: Apache-2.0
// expect: process_with needs a function fn(auto& context, const Record&, State&, const Broadcast&)
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::process_with<running_total, double>(
                              timed(), [](auto&, const reading& each, running_total&, double&) { return each.value; },
                              [](const reading& each, double& limit) { limit = each.value; });
}

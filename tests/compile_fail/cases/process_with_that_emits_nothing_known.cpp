// SPDX-License-Identifier: Apache-2.0
// expect: process_with needs to know what it emits: return it, or write process_with<State, Broadcast, Out>(...)
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::process_with<running_total, double>(
                              timed(), [](auto&, const reading&, running_total&, const double&) {},
                              [](const reading& each, double& limit) { limit = each.value; });
}

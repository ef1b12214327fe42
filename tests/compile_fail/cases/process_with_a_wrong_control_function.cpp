// SPDX-License-Identifier: Apache-2.0
// expect: process_with needs a function on_control(const Control&, Broadcast&)
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::process_with<running_total, double>(
                              timed(),
                              [](auto&, const reading& each, running_total&, const double&) { return each.value; },
                              [](const undescribed&, double&) {});
}

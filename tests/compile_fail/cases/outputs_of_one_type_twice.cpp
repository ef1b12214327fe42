// SPDX-License-Identifier: Apache-2.0
// expect: process tells its outputs apart by type: outputs<...> names each type once
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::process<running_total, weir::outputs<double, std::string, double>>(
                                [](auto& context, const reading& each, running_total&) { context.emit(each.value); });
}

// SPDX-License-Identifier: Apache-2.0
// expect: process emits no such type: name it in process<State, Out>(...), or beside others in
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::process<running_total, weir::outputs<double, std::string>>(
                                [](auto& context, const reading&, running_total&) { context.emit(undescribed{}); });
}

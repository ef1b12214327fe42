// SPDX-License-Identifier: Apache-2.0
// expect: side: the stage has no side output of this type: name it in process<State, weir::outputs<Out, ...>>
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::process<running_total, weir::outputs<double, std::string>>(
                                [](auto& context, const reading& each, running_total&) { context.emit(each.value); });
    auto alerts = weir::side<undescribed>(stream);
}

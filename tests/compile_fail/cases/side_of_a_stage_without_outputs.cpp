// SPDX-License-Identifier: Apache-2.0
// expect: side needs the stream right behind a stage that has side outputs: process<State, weir::outputs<Out, ...>>
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::process<running_total>([](auto&, const reading& each, running_total&) {
                      return each.value;
                  });
    auto alerts = weir::side<undescribed>(stream);
}

// SPDX-License-Identifier: Apache-2.0
// expect: process with ttl(length, on_write) needs a function fn(auto& context, const Record&, const State&)
#include "reading.hpp"

void wrong() {
    auto stream = keyed() |
                  weir::process<running_total>([](auto&, const reading&, running_total& state) { return state.sum; },
                                               weir::ttl(1h, weir::on_write));
}

// SPDX-License-Identifier: Apache-2.0
// expect: a graph needs a runner: weir::event_loop{}, weir::micro_batch{.every = 1s}, weir::batch{}
#include "reading.hpp"

void wrong() {
    weir::graph what("g", timed() | weir::into(weir::csv("out.csv")));
    auto report = weir::run(what, 4);
}

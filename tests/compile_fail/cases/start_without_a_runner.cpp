// SPDX-License-Identifier: Apache-2.0
// expect: a graph needs a runner
#include "reading.hpp"

void wrong() {
    auto engine = weir::start(weir::graph("g", timed() | weir::into(weir::collect<reading>())), 2);
}

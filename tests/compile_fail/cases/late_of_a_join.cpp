// SPDX-License-Identifier: Apache-2.0
// expect: a join of two streams refuses records of both: weir::late_left(...) and weir::late_right(...)
#include "reading.hpp"

void wrong() {
    auto stream = weir::late(weir::interval_join(keyed(), keyed(), weir::between(0s, 1s)));
}

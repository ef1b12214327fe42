// SPDX-License-Identifier: Apache-2.0
// expect: broadcast_join says what bounds its table: rows_at_most(n), or unbounded by name
#include "reading.hpp"

#include <weir/operators/broadcast_join.hpp>

void wrong() {
    auto stream = keyed() | weir::broadcast_join(timed(), &reading::sensor, &reading::sensor, 5s);
}

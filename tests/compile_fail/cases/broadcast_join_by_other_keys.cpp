// SPDX-License-Identifier: Apache-2.0
// expect: broadcast_join needs keys of one type on both sides
#include "reading.hpp"

#include <weir/operators/broadcast_join.hpp>

void wrong() {
    auto stream = keyed() | weir::broadcast_join(timed(), &reading::sensor, &reading::value, weir::rows_at_most(5));
}

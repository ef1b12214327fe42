// SPDX-License-Identifier: Apache-2.0
// expect: sample takes a plain stream: put it before weir::key_by(...), or after the aggregate
#include "reading.hpp"

void wrong() {
    auto stream = keyed() | weir::sample(0.5, &reading::sensor);
}

// SPDX-License-Identifier: Apache-2.0
// expect: reply takes the source that weir::requests
#include "reading.hpp"

void wrong() {
    auto end = timed() | weir::reply(timed());
}

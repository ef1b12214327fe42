// SPDX-License-Identifier: Apache-2.0
// expect: this sink does not take this record: collect<T> needs the same T
#include "reading.hpp"

void wrong() {
    auto end = timed() | weir::into(weir::collect<running_total>());
}

// SPDX-License-Identifier: Apache-2.0
// expect: merge takes streams of one record type: map them to a common record first
#include "reading.hpp"

void wrong() {
    auto stream = weir::merge(timed(), weir::memory(std::vector<undescribed>(2)));
}

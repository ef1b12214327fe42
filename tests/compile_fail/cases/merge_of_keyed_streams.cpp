// SPDX-License-Identifier: Apache-2.0
// expect: merge takes plain streams: merge before weir::key_by(...)
#include "reading.hpp"

void wrong() {
    auto stream = weir::merge(keyed(), keyed());
}

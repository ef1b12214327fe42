// SPDX-License-Identifier: Apache-2.0
// expect: event_time takes a log: put it behind the source, before any stage and only once
#include "reading.hpp"

void wrong() {
    auto stream = timed() | clocked();
}

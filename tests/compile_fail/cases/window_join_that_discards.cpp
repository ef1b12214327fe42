// SPDX-License-Identifier: Apache-2.0
// expect: window_join and cogroup take weir::allowed_lateness(...) and weir::emit::final behind
#include "reading.hpp"

void wrong() { auto stream = weir::window_join(keyed(), keyed(), weir::tumbling(10s), weir::discarding); }

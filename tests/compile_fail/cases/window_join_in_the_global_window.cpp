// SPDX-License-Identifier: Apache-2.0
// expect: window_join and cogroup need windows that end: weir::tumbling(...), weir::sliding(...) or weir::session(...)
#include "reading.hpp"

void wrong() { auto stream = weir::window_join(keyed(), keyed(), weir::global()); }

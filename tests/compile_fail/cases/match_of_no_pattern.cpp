// SPDX-License-Identifier: Apache-2.0
// expect: match needs a pattern: weir::pattern(weir::begin(...), ...)
#include "patterns.hpp"

void wrong() { auto stream = keyed() | weir::match(weir::begin(low, is_low), count_high); }

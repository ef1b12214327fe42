// SPDX-License-Identifier: Apache-2.0
// expect: match needs a key: put weir::key_by(...) before it
#include "patterns.hpp"

void wrong() { auto stream = timed() | weir::match(rising(), count_high); }

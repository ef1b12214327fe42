// SPDX-License-Identifier: Apache-2.0
// expect: match needs a function fn(const auto& match) that returns the result
#include "patterns.hpp"

void wrong() { auto stream = keyed() | weir::match(rising(), [] { return 1; }); }

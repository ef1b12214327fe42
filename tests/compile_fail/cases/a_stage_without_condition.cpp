// SPDX-License-Identifier: Apache-2.0
// expect: a stage has a condition: bool(const Event&)
#include "patterns.hpp"

void wrong() { auto part = weir::begin(low); }

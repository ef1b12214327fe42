// SPDX-License-Identifier: Apache-2.0
// expect: source needs open(weir::environment&) to return a log, or a vector of logs
#include "reading.hpp"

void wrong() { auto log = weir::source<reading>("mine", "", [] { return 1; }); }

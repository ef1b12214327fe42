// SPDX-License-Identifier: Apache-2.0
// expect: a pattern has stages, such as begin(...) and followed_by(...), and behind them within(...)
#include "patterns.hpp"

void wrong() { auto pattern = weir::pattern(weir::begin(low, is_low), weir::out_of_order(5s)); }

// SPDX-License-Identifier: Apache-2.0
// expect: table_join needs a bound behind its streams: weir::keep_for(24h), or weir::unbounded
#include "reading.hpp"

void wrong() { auto stream = weir::table_join(keyed(), keyed(), weir::join::inner); }

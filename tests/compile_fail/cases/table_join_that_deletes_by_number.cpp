// SPDX-License-Identifier: Apache-2.0
// expect: deletes_left and deletes_right need a function of their side
#include "reading.hpp"

void wrong() { auto stream = weir::table_join(keyed(), keyed(), weir::unbounded, weir::deletes_left(&reading::value)); }

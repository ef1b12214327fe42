// SPDX-License-Identifier: Apache-2.0
// expect: attempt is for functions of one record: attempt(map(f)), attempt(filter(p)), attempt(flat_map(f))
#include "reading.hpp"

void wrong() { auto step = weir::attempt(weir::sort_by_time()); }

// SPDX-License-Identifier: Apache-2.0
// expect: a windowed stream has no records yet: put weir::aggregate(...) before into
#include "reading.hpp"

void wrong() {
    auto end = windowed_readings() | weir::into(weir::csv("out.csv"));
}

// SPDX-License-Identifier: Apache-2.0
// expect: join_by_origin takes two plain streams that come from one source
#include "reading.hpp"

void wrong() {
    auto stream = weir::join_by_origin(keyed(), keyed());
}

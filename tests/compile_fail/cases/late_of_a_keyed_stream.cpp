// SPDX-License-Identifier: Apache-2.0
// expect: late needs the stream of results of a stage, such as an aggregate
#include "reading.hpp"

void wrong() {
    auto late = weir::late(keyed());
}

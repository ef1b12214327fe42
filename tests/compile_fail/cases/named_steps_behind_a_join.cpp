// SPDX-License-Identifier: Apache-2.0
// expect: only a stage has a name: name join_by_origin(...) or merge(...) itself
#include "reading.hpp"

void wrong() {
    auto both = weir::merge(timed(), timed());
    auto stream = weir::named("all", both | weir::filter([](const reading& each) { return each.value > 0; }));
}

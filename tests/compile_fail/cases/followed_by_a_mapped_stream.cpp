// SPDX-License-Identifier: Apache-2.0
// expect: followed_by takes two sources that are one log each
#include "reading.hpp"

void wrong(weir::any_stream<reading, weir::in_turn, weir::timing::log> readings) {
    auto same = [](const reading& each) { return each; };
    auto all = weir::followed_by(readings, readings | weir::map(same));
}

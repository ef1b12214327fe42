// SPDX-License-Identifier: Apache-2.0
// expect: attempt needs a function that can be called with const Record&: the record is needed once more when the
#include "reading.hpp"

void wrong() {
    auto stream = timed() | weir::attempt(weir::map([](reading&& each) { return std::move(each); }));
}

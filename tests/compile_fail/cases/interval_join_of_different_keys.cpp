// SPDX-License-Identifier: Apache-2.0
// expect: interval_join needs keys of one type on both sides
#include "reading.hpp"

void wrong() {
    auto stream = weir::interval_join(keyed(), timed() | weir::key_by([](const reading&) { return std::string(); }),
                                      weir::between(0s, 1s));
}

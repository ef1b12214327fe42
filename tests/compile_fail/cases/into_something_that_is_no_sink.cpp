// SPDX-License-Identifier: Apache-2.0
// expect: into needs a sink: weir::collect<T>(), weir::csv(path), weir::for_each(function)
#include "reading.hpp"

void wrong() {
    auto end = timed() | weir::into(std::string{"out.csv"});
}

// SPDX-License-Identifier: Apache-2.0
// expect: filter needs a predicate: bool(const Record&)
#include "reading.hpp"

void wrong() {
    auto stream =
        timed() | weir::filter([](const reading& each) { return std::string(1, each.value > 0 ? 'y' : 'n'); });
}

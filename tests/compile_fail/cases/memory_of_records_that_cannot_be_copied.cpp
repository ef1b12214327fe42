// SPDX-License-Identifier: Apache-2.0
// expect: memory keeps its records for the next run, so they must be copyable
#include "reading.hpp"

void wrong() {
    auto stream = weir::memory(std::vector<std::unique_ptr<int>>(2));
}

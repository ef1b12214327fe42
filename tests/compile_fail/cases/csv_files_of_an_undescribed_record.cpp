// SPDX-License-Identifier: Apache-2.0
// expect: csv_files needs a described struct whose fields CSV can hold
#include "reading.hpp"

void wrong() {
    auto stream = weir::csv_files<undescribed>("in.csv");
}

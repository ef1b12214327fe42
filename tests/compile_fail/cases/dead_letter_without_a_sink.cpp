// SPDX-License-Identifier: Apache-2.0
// expect: dead_letter needs a sink: weir::csv(path)
#include "reading.hpp"

void wrong() {
    auto stream = weir::csv_files<reading>("in.csv", weir::dead_letter(std::string{"bad.csv"}));
}

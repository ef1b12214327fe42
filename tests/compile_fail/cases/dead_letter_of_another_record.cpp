// SPDX-License-Identifier: Apache-2.0
// expect: dead_letter needs a sink that takes weir::bad_record
#include "reading.hpp"

void wrong() {
    auto stream = weir::csv_files<reading>("in.csv", weir::dead_letter(weir::collect<reading>()));
}

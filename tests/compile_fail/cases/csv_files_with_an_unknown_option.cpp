// SPDX-License-Identifier: Apache-2.0
// expect: csv_files takes weir::csv_options{...}, weir::as_partitions and weir::dead_letter(sink)
#include "reading.hpp"

void wrong() {
    auto stream = weir::csv_files<reading>("in.csv", ';');
}

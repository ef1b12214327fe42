// SPDX-License-Identifier: Apache-2.0
// expect: csv_files takes weir::csv_options{...}, weir::as_partitions, weir::dead_letter(sink) and
#include "reading.hpp"

void wrong() {
    auto stream = weir::csv_files<reading>("in.csv", ';');
}

// SPDX-License-Identifier: Apache-2.0
// expect: csv_tail takes weir::csv_options{...}, weir::tail_options{...} and weir::dead_letter(sink) behind the path
#include "reading.hpp"

void wrong() {
    auto stream = weir::csv_tail<reading>("live.csv", weir::as_partitions);
}

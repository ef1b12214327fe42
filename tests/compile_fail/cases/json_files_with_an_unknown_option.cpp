// SPDX-License-Identifier: Apache-2.0
// expect: json_files takes weir::json_options{...}, weir::as_partitions, weir::dead_letter(sink) and
#include <weir/json/json_files.hpp>

#include "reading.hpp"

void wrong() {
    auto stream = weir::json_files<reading>("in.jsonl", weir::csv_options{});
}

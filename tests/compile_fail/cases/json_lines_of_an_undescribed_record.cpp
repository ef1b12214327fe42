// SPDX-License-Identifier: Apache-2.0
// expect: this sink does not take this record: collect<T> needs the same T, csv needs a described struct, as json_lines
#include <weir/sinks/json_lines.hpp>

#include "reading.hpp"

void wrong() {
    auto end = weir::memory(std::vector<undescribed>(2)) | weir::into(weir::json_lines("out.jsonl"));
}

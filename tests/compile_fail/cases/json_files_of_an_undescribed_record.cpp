// SPDX-License-Identifier: Apache-2.0
// expect: json_files needs a described struct whose fields JSON can hold
#include <weir/json/json_files.hpp>

#include "reading.hpp"

void wrong() {
    auto stream = weir::json_files<undescribed>("in.jsonl");
}

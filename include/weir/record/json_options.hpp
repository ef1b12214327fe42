// SPDX-License-Identifier: Apache-2.0
// How JSON Lines are read and written (RFC 8259, one object per line). Names are those of csv_options where they mean
// the same.
#pragma once
#include <cstddef>
#include <weir/record/time_text.hpp>

namespace weir {

struct json_options {
    time_unit epoch = time_unit::milliseconds;  // what a bare number counts where a time is expected
    bool allow_nan = false;                     // NaN and infinities, which JSON has not, as text: "nan", "inf", "-inf"
    std::size_t max_line_bytes = 1U << 20U;     // of a record, without its line end; a longer one is a bad record
    std::size_t max_raw_bytes = 4096;           // how much of a bad record's line is kept
};

// Throws weir::error of kind `configuration` if the options make no sense.
void check_json_options(const json_options& options);

}  // namespace weir

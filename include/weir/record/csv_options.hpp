// SPDX-License-Identifier: Apache-2.0
// How CSV is read and written (RFC 4180).
#pragma once
#include <cstddef>
#include <weir/record/bad_record.hpp>
#include <weir/record/time_text.hpp>

namespace weir {

struct csv_options {
    char separator = ',';                       // punctuation, blank or tab; none of " . : + - _
    time_unit epoch = time_unit::milliseconds;  // what a bare number counts in a column of times
    bool allow_nan = false;                     // also allows infinities
    std::size_t max_line_bytes = 1U << 20U;     // of a record, without its line end; a longer one is a bad record
    std::size_t max_raw_bytes = 4096;           // how much of a bad record's line is kept
};

// Throws weir::error of kind `configuration` if the options make no sense.
void check_csv_options(const csv_options& options);

}  // namespace weir

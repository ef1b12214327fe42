// SPDX-License-Identifier: Apache-2.0
// How CSV is read and written (RFC 4180), and what is said about a line that cannot be read.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <weir/record/describe.hpp>
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

// A record that could not be read, with all a person needs to find it.
struct bad_record {
    std::string source;        // the name of the file, or what the decoder was told
    std::uint64_t line = 0;    // counted from 1, the header included; where the field begins
    std::uint64_t column = 0;  // the byte in that line at which the field begins, counted from 1
    std::string field;         // the name of the column; empty where the line as a whole is wrong
    std::string text;          // what stands in the field, at most 200 bytes of it
    std::string raw;           // the line as it was read, at most max_raw_bytes of it
    std::string reason;        // "is not a number"

    // live.csv:17:5: field 'amount': 'abc' is not a number
    [[nodiscard]] std::string sentence() const;
    friend bool operator==(const bad_record&, const bad_record&) = default;
};
BOOST_DESCRIBE_STRUCT(bad_record, (), (source, line, column, field, text, raw, reason))

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// What is said about a line of text that cannot be read.
#pragma once
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <weir/record/describe.hpp>

namespace weir {

// A record that could not be read, with all a person needs to find it.
struct bad_record {
    std::string source;        // the name of the file, or what the decoder was told
    std::uint64_t line = 0;    // counted from 1, a header included; where the field begins
    std::uint64_t column = 0;  // the byte in that line at which the field begins, counted from 1
    std::string field;         // the column or the path of the field; empty where the line as a whole is wrong
    std::string text;          // what stands in the field, at most 200 bytes of it
    std::string raw;           // the line as it was read, at most max_raw_bytes of it
    std::string reason;        // "is not a number"

    // live.csv:17:5: field 'amount': 'abc' is not a number
    [[nodiscard]] std::string sentence() const;
    friend bool operator==(const bad_record&, const bad_record&) = default;
};
BOOST_DESCRIBE_STRUCT(bad_record, (), (source, line, column, field, text, raw, reason))

namespace detail {

// Tells whoever decodes. False if the record is not taken: reading is to stop before it.
template <class OnBad> [[nodiscard]] bool tell_bad(OnBad& on_bad, bad_record&& bad) {
    if constexpr (std::is_void_v<std::invoke_result_t<OnBad&, bad_record&&>>) {
        on_bad(std::move(bad));
        return true;
    } else {
        return on_bad(std::move(bad));
    }
}

}  // namespace detail
}  // namespace weir

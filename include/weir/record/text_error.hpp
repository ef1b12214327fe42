// SPDX-License-Identifier: Apache-2.0
// Why a text is not the value it should be. A value, not an exception: reading millions of fields costs nothing extra.
#pragma once
#include <cstdint>
#include <string_view>

namespace weir {

enum class text_error : std::uint8_t {
    none,
    empty,
    not_a_number,
    not_a_whole_number,
    out_of_range,
    not_finite,
    not_a_truth_value,
    not_a_character,
    unknown_name,
    not_a_time,
    time_without_zone,
    finer_than_nanosecond,
    leap_second,
    not_a_duration,
    invalid_utf8
};

// The end of a sentence that begins with the text: "is not a number".
[[nodiscard]] std::string_view sentence(text_error error) noexcept;

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// Times and durations as text.
//
// A time is RFC 3339 ("2024-01-01T00:00:00.123456789Z"; offsets "+01:00"; a blank may stand for the T) or a whole
// number of units since 1970. Digits of a second beyond the ninth must be zeros, and second 60, a leap second, is
// refused: nothing is rounded. It is written in UTC with 0, 3, 6 or 9 digits of fraction, as few as are needed.
// A duration is a whole number and a unit (ns, us, ms, s, m, h, d); it is written in the largest unit that fits
// exactly.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <weir/record/text_error.hpp>
#include <weir/time/timestamp.hpp>

namespace weir {

// What a bare number counts when it stands for a time.
enum class time_unit : std::uint8_t { seconds, milliseconds, microseconds, nanoseconds };

// The value is untouched unless the answer is text_error::none.
[[nodiscard]] text_error parse_time(std::string_view text, timestamp& value,
                                    time_unit epoch = time_unit::milliseconds) noexcept;
[[nodiscard]] text_error parse_duration(std::string_view text, duration& value) noexcept;

namespace detail {
// A bare number of units since 1970.
[[nodiscard]] text_error set_time(std::int64_t count, time_unit epoch, timestamp& value) noexcept;

// Both write the text and return where it ended; there must be room for most_time_bytes.
inline constexpr std::size_t most_time_bytes = 32;
char* write_time(char* to, timestamp value);
char* write_duration(char* to, duration value);
}  // namespace detail

void append_time(std::string& out, timestamp value);
void append_duration(std::string& out, duration value);

}  // namespace weir

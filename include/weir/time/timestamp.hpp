// SPDX-License-Identifier: Apache-2.0
// Event time: a point on the UTC line in nanoseconds. The range is that of a signed 64-bit count (1677 to 2262).
#pragma once
#include <chrono>
#include <cstdint>

namespace weir {

using duration = std::chrono::nanoseconds;
using timestamp = std::chrono::sys_time<duration>;

// The ends of the line. The lowest time is also the watermark before anything is known, the highest that after the
// end of all input; neither is a legal time of a record.
inline constexpr timestamp time_lowest = timestamp::min();
inline constexpr timestamp time_highest = timestamp::max();
inline constexpr duration one_tick{1};

// Sums that stop at the ends of the line instead of wrapping. O(1).
[[nodiscard]] constexpr timestamp saturating_add(timestamp at, duration by) noexcept {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(at.time_since_epoch().count(), by.count(), &sum)) {
        return by.count() > 0 ? time_highest : time_lowest;
    }
    return timestamp{duration{sum}};
}
[[nodiscard]] constexpr timestamp saturating_sub(timestamp at, duration by) noexcept {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(at.time_since_epoch().count(), by.count(), &difference)) {
        return by.count() > 0 ? time_lowest : time_highest;
    }
    return timestamp{duration{difference}};
}

}  // namespace weir

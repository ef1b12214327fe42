// SPDX-License-Identifier: Apache-2.0
// Windows on a grid: [k * slide, k * slide + size) for every whole k, aligned with the Unix epoch. Records are summed
// up in panes, the pieces that no window border cuts; a window is a run of panes (Li et al., "No pane, no gain", 2005).
#pragma once
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>

#include <weir/base/error.hpp>
#include <weir/time/timestamp.hpp>

namespace weir {

struct window_grid {
    duration size{};
    duration slide{};
    duration lateness{};
    std::string text;

    [[nodiscard]] duration pane() const noexcept { return duration{std::gcd(size.count(), slide.count())}; }
    [[nodiscard]] bool tumbling() const noexcept { return size == slide; }
    void check() const {
        if (size <= duration::zero() || slide <= duration::zero()) {
            throw error(error_kind::configuration, text + ": a window needs a size and a slide above zero");
        }
        if (slide > size) {
            throw error(error_kind::configuration, text + ": a slide larger than the window would lose records");
        }
        if (lateness < duration::zero()) {
            throw error(error_kind::configuration, text + ": allowed lateness is not negative");
        }
    }
};

namespace detail {

[[nodiscard]] constexpr std::int64_t floor_div(std::int64_t value, std::int64_t by) noexcept {
    const std::int64_t quotient = value / by;
    return quotient * by > value ? quotient - 1 : quotient;
}

// The largest multiple of `step` that is not above `at`, or the lowest one if that lies off the line.
[[nodiscard]] inline timestamp align_down(timestamp at, duration step) noexcept {
    const std::int64_t quotient = floor_div(at.time_since_epoch().count(), step.count());
    std::int64_t aligned = 0;
    if (__builtin_mul_overflow(quotient, step.count(), &aligned)) return time_lowest;
    return timestamp{duration{aligned}};
}
// The smallest end of a window that lies above `at`: ends are k * slide + size.
[[nodiscard]] inline timestamp first_end_above(timestamp at, const window_grid& grid) noexcept {
    const timestamp start = align_down(saturating_sub(at, grid.size), grid.slide);
    return saturating_add(saturating_add(start, grid.slide), grid.size);
}
// The largest end of a window that holds `at`.
[[nodiscard]] inline timestamp last_end_holding(timestamp at, const window_grid& grid) noexcept {
    return saturating_add(align_down(at, grid.slide), grid.size);
}

}  // namespace detail
}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// Windows on a grid: [k * slide + offset, k * slide + offset + size) for every whole k; without an offset they are
// aligned with the Unix epoch. Records are summed up in panes, the pieces that no window border cuts; a window is a run
// of panes (Li et al., "No pane, no gain", 2005).
#pragma once
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>

#include <weir/base/error.hpp>
#include <weir/time/timestamp.hpp>

namespace weir {

struct grid_windows;

struct window_grid {
    duration size{};
    duration slide{};
    duration lateness{};
    std::string text;
    duration offset{};  // from 0 on, below the slide

    [[nodiscard]] duration pane() const noexcept { return duration{std::gcd(size.count(), slide.count())}; }
    [[nodiscard]] bool tumbling() const noexcept { return size == slide; }
    // The same windows, with what lies between two of them left out where the slide is larger than the size.
    [[nodiscard]] grid_windows with_gaps() const;
    void check() const {
        check_sizes();
        check_gaps();
    }
    void check_sizes() const {
        if (size <= duration::zero() || slide <= duration::zero()) {
            throw error(error_kind::configuration, text + ": a window needs a size and a slide above zero");
        }
        if (lateness < duration::zero()) {
            throw error(error_kind::configuration, text + ": allowed lateness is not negative");
        }
    }
    void check_gaps() const {
        if (slide > size) {
            throw error(error_kind::configuration, text + ": a slide larger than the window would lose records; if "
                                                          "that is meant, say sliding(size, slide).with_gaps()");
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
// The same for multiples that are moved by an offset from 0 to step.
[[nodiscard]] inline timestamp align_down(timestamp at, duration step, duration offset) noexcept {
    const timestamp aligned = align_down(saturating_sub(at, offset), step);
    return aligned == time_lowest ? aligned : saturating_add(aligned, offset);
}
// The smallest end of a window that lies above `at`: ends are k * slide + offset + size.
[[nodiscard]] inline timestamp first_end_above(timestamp at, const window_grid& grid) noexcept {
    const timestamp start = align_down(saturating_sub(at, grid.size), grid.slide, grid.offset);
    return saturating_add(saturating_add(start, grid.slide), grid.size);
}
// The largest end of a window that holds `at`.
[[nodiscard]] inline timestamp last_end_holding(timestamp at, const window_grid& grid) noexcept {
    return saturating_add(align_down(at, grid.slide, grid.offset), grid.size);
}

// The offset that moves windows as this one does, from 0 on and below the slide.
[[nodiscard]] inline duration offset_within(duration offset, duration slide) noexcept {
    if (slide <= duration::zero()) return {};  // the grid is refused
    const duration rest = offset % slide;
    return rest < duration::zero() ? rest + slide : rest;
}
[[nodiscard]] inline std::string offset_text(duration offset) {
    return offset == duration::zero() ? std::string{} : " offset " + std::to_string(offset.count()) + "ns";
}

}  // namespace detail
}  // namespace weir

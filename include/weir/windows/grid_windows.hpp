// SPDX-License-Identifier: Apache-2.0
// The windows of a grid, one by one.
#pragma once
#include <string>

#include <weir/windows/grid.hpp>
#include <weir/windows/rolling_lengths.hpp>

namespace weir {

struct grid_windows {
    static constexpr bool joins = false;
    static constexpr bool endless = false;
    window_grid grid;

    template <class Record> static constexpr bool takes = true;
    static constexpr const char* takes_text = "";

    void check() const { grid.check(); }
    [[nodiscard]] std::string text() const {
        const std::string slide = detail::length_text(grid.slide);
        return grid.tumbling() ? "tumbling " + slide : "sliding " + detail::length_text(grid.size) + " " + slide;
    }
    // In the order of time.
    template <class Record, class Visit> void windows_of(const Record&, timestamp at, Visit&& visit) const {
        const timestamp last = detail::last_end_holding(at, grid);
        for (timestamp end = detail::first_end_above(at, grid); end <= last; end += grid.slide) {
            visit(saturating_sub(end, grid.size), end);
            if (end == last) break;  // the next one may lie beyond the line
        }
    }
};

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// The windows of a grid, one by one. Between two there may be gaps: a record that lies in one is in no window. It is
// filtered, or late if its time + allowed lateness is below its watermark.
#pragma once
#include <string>

#include <weir/windows/grid.hpp>
#include <weir/windows/rolling_lengths.hpp>

namespace weir {

struct grid_windows {
    static constexpr bool joins = false;
    static constexpr bool endless = false;
    window_grid grid;
    bool gaps = false;

    template <class Record> static constexpr bool takes = true;

    void check() const { gaps ? grid.check_sizes() : grid.check(); }
    [[nodiscard]] std::string text() const {
        const std::string slide = detail::length_text(grid.slide);
        std::string text = "tumbling " + slide;
        if (!grid.tumbling()) text = "sliding " + detail::length_text(grid.size) + " " + slide;
        if (grid.offset != duration::zero()) text += " offset " + detail::length_text(grid.offset);
        return gaps ? text + " with gaps" : text;
    }
    // In the order of time. If some may reach beyond an end of the time line, the whole line stands for all of them.
    template <class Record, class Visit> void windows_of(const Record&, timestamp at, Visit&& visit) const {
        const timestamp gone = detail::align_down(saturating_sub(at, grid.size), grid.slide, grid.offset);
        const timestamp last = detail::last_end_holding(at, grid);
        if (gone == time_lowest || last == time_highest) [[unlikely]] {
            visit(time_lowest, time_highest);
            return;
        }
        for (timestamp end = saturating_add(saturating_add(gone, grid.slide), grid.size); end <= last;
             end += grid.slide) {
            visit(end - grid.size, end);
            if (end == last) break;  // the next one may lie beyond the line
        }
    }
};

inline grid_windows window_grid::with_gaps() const { return {*this, true}; }

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// What one key of a window join keeps: each side's records once, by time, and the windows that are still there. What a
// window holds are the records whose time lies in it, so sliding windows and sessions that are joined cost no copies.
#pragma once
#include <algorithm>
#include <cstdint>
#include <iterator>

#include <boost/container/small_vector.hpp>

#include <weir/operators/interval_rows.hpp>
#include <weir/record/binary.hpp>
#include <weir/time/timestamp.hpp>

namespace weir::detail {

struct paired_window {
    timestamp start{};
    timestamp end{};
    bool ended = false;   // the watermark has reached the end
    bool unsaid = false;  // a record has come since it last said something
};

template <class Left, class Right>
struct paired_windows {
    interval_rows<Left> left;
    interval_rows<Right> right;
    boost::container::small_vector<paired_window, 2> windows;  // in the order of their starts, and so of their ends
    std::uint64_t taken = 0;                                   // records, so far
    timestamp wakes_at = time_highest;  // a timer is set for that time, or for an earlier one

    // The first window that ends at `start` or later: of windows of which none overlaps or touches another.
    [[nodiscard]] auto first_touched(timestamp start) {
        return std::find_if(windows.begin(), windows.end(), [&](const paired_window& each) {
            return each.end >= start;
        });
    }
    [[nodiscard]] paired_window& find_or_add(timestamp start, timestamp end) {
        auto place = windows.end();
        while (place != windows.begin() && std::prev(place)->start >= start) --place;
        if (place != windows.end() && place->start == start) return *place;
        return *windows.insert(place, paired_window{start, end});
    }
    // The window that [start, end) becomes part of.
    [[nodiscard]] paired_window& join(timestamp start, timestamp end) {
        const auto first = first_touched(start);
        if (first == windows.end() || first->start > end) return *windows.insert(first, paired_window{start, end});
        first->start = std::min(first->start, start);
        first->end = std::max(first->end, end);
        auto next = std::next(first);
        for (; next != windows.end() && next->start <= first->end; ++next) {
            first->end = std::max(first->end, next->end);
            first->unsaid = first->unsaid || next->unsaid;
        }
        windows.erase(std::next(first), next);
        return *first;
    }

    template <class Writer> void save(Writer& writer) const
        requires(storable<Left> && storable<Right>)
    {
        left.save(writer);
        right.save(writer);
        weir::save(writer, std::uint64_t{windows.size()});
        for (const paired_window& each : windows) {
            weir::save(writer, each.start);
            weir::save(writer, each.end);
            weir::save(writer, each.ended);
            weir::save(writer, each.unsaid);
        }
        weir::save(writer, taken);
        weir::save(writer, wakes_at);
    }
    template <class Reader> void load(Reader& reader)
        requires(storable<Left> && storable<Right>)
    {
        left.load(reader);
        right.load(reader);
        windows.clear();
        for (auto count = weir::load<std::uint64_t>(reader); count > 0; --count) {
            paired_window& each = windows.emplace_back();
            weir::load(reader, each.start);
            weir::load(reader, each.end);
            weir::load(reader, each.ended);
            weir::load(reader, each.unsaid);
        }
        weir::load(reader, taken);
        weir::load(reader, wakes_at);
    }
};

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// The windows that one key has open, each with its own aggregate, in the order of their starts. Of a window that says
// something only at its end, on a grid, panes are kept instead (window_stage.hpp).
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include <boost/container/small_vector.hpp>

#include <weir/record/binary.hpp>
#include <weir/record/schema.hpp>
#include <weir/time/timestamp.hpp>

namespace weir::detail {

template <class State>
struct open_window {
    timestamp start{};
    timestamp end{};
    State state{};
    std::uint64_t unsaid = 0;           // records since it last said something
    timestamp boundary = time_highest;  // the next at which it says something before its end; none: the highest time
    bool ended = false;                 // the watermark has reached the end
};

template <class State>
struct open_windows {
    using window = open_window<State>;
    // Mostly a key has one or two.
    boost::container::small_vector<window, 2> windows;
    timestamp wakes_at = time_highest;  // a timer is set for that time, or for an earlier one

    // The first window that ends at `start` or later: of windows of which none overlaps or touches another.
    [[nodiscard]] auto first_touched(timestamp start) {
        return std::find_if(windows.begin(), windows.end(), [&](const window& each) { return each.end >= start; });
    }
    // The window, made with make() if there is none.
    template <class Make> [[nodiscard]] window& find_or_add(timestamp start, timestamp end, Make&& make) {
        auto place = windows.end();
        while (place != windows.begin() && std::prev(place)->start >= start) --place;
        if (place != windows.end() && place->start == start) return *place;
        return *windows.insert(place, window{start, end, make()});
    }

    [[nodiscard]] static std::string type_tag()
        requires tagged<State>
    {
        return "struct{windows:list<struct{start:time,end:time,state:" + weir::type_tag<State>() +
               ",unsaid:u64,boundary:time,ended:bool}>,wakes_at:time}";
    }
    template <class Writer> void save(Writer& writer) const
        requires storable<State>
    {
        weir::save(writer, std::uint64_t{windows.size()});
        for (const window& each : windows) {
            weir::save(writer, each.start);
            weir::save(writer, each.end);
            weir::save(writer, each.state);
            weir::save(writer, each.unsaid);
            weir::save(writer, each.boundary);
            weir::save(writer, each.ended);
        }
        weir::save(writer, wakes_at);
    }
    template <class Reader> void load(Reader& reader)
        requires storable<State>
    {
        windows.clear();
        for (auto count = weir::load<std::uint64_t>(reader); count > 0; --count) {
            window& each = windows.emplace_back();
            weir::load(reader, each.start);
            weir::load(reader, each.end);
            weir::load(reader, each.state);
            weir::load(reader, each.unsaid);
            weir::load(reader, each.boundary);
            weir::load(reader, each.ended);
        }
        weir::load(reader, wakes_at);
    }
};

}  // namespace weir::detail

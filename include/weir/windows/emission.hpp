// SPDX-License-Identifier: Apache-2.0
// When a window says something, as part of the graph: window(session(30min), emit::every(5min)).
//
//   emit::on_time        one result when the watermark has reached the window's end, then one update per late record
//                        that it accepts. The default.
//   emit::final          exactly one, when the watermark has reached end + allowed lateness
//   emit::every_update   one per record, at once
//   emit::every(d)       also at start + d, start + 2d, ... in event time, by watermarks; silent if nothing has come
//   emit::after(n)       also when n records of the window have come since it last said something
//
// All but `final` add to what on_time does; a window that has said all it knows does not say it again at its end.
// without_end() leaves on_time's part out: emit::after(100).without_end().
#pragma once
#include <cstdint>
#include <string>

#include <weir/base/error.hpp>
#include <weir/time/timestamp.hpp>
#include <weir/windows/rolling_lengths.hpp>

namespace weir {

struct emission {
    bool at_end = true;          // when the watermark has reached the end; and each late record
    bool after_lateness = false;  // instead: when it has reached end + allowed lateness
    duration interval{};          // not zero: at these distances from the start
    std::uint64_t records = 0;    // not zero: when so many have come

    [[nodiscard]] constexpr emission without_end() const noexcept {
        emission changed = *this;
        changed.at_end = false;
        return changed;
    }
    void check() const {
        if (interval < duration::zero()) {
            throw error(error_kind::configuration, "emit::every: an interval is above zero");
        }
        if (!at_end && interval == duration::zero() && records == 0) {
            throw error(error_kind::configuration, "a window that never says anything: without_end() is for "
                                                   "emit::every(...), emit::after(...) and emit::every_update");
        }
    }
    // For explain and for schemas: "", "final", "every 5m", "after 3".
    [[nodiscard]] std::string text() const {
        std::string text;
        if (after_lateness) text = "final";
        if (interval > duration::zero()) text = "every " + detail::length_text(interval);
        if (records == 1) text = "every update";
        if (records > 1) text = "after " + std::to_string(records);
        return at_end ? text : text + " without end";
    }
};

namespace emit {

inline constexpr emission on_time{};
inline constexpr emission final{.after_lateness = true};
inline constexpr emission every_update{.records = 1};

// Event time, aligned to the window's start.
[[nodiscard]] inline emission every(duration interval) {
    if (interval <= duration::zero()) {
        throw error(error_kind::configuration, "emit::every: an interval is above zero");
    }
    return {.interval = interval};
}
[[nodiscard]] inline emission after(std::uint64_t records) {
    if (records == 0) throw error(error_kind::configuration, "emit::after: a window says something after a record");
    return {.records = records};
}

}  // namespace emit

// What a window keeps when it has said something: all of it, so that the next result replaces the last one; or
// nothing, so that each result is of other records.
enum class accumulation : std::uint8_t { accumulating, discarding };
inline constexpr accumulation accumulating = accumulation::accumulating;
inline constexpr accumulation discarding = accumulation::discarding;

}  // namespace weir

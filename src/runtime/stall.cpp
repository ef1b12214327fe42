// SPDX-License-Identifier: Apache-2.0
#include <weir/runtime/stall.hpp>

#include <fmt/format.h>

#include <weir/record/print.hpp>

namespace weir {

std::string stall_report::to_text() const {
    std::string text;
    if (paused) text += "The engine is paused: nothing is read until it is resumed.\n";
    if (!held_by) return text + "All logs have ended: nothing holds the watermark.\n";
    text += fmt::format("The watermark is held by {}, partition {}, ", held_by->label, held_by->partition);
    text += held_by->watermark == time_lowest ? std::string{"which has none yet"}
                                              : "at " + weir::to_text(held_by->watermark);
    text += held_by->quiet > std::chrono::nanoseconds::zero()
                ? fmt::format(": it has had nothing to read for {}, at offset {}.\n", weir::to_text(held_by->quiet),
                              held_by->offset)
                : fmt::format(": it is being read, at offset {}.\n", held_by->offset);
    if (next_watermark != time_highest && next_watermark != held_by->watermark) {
        text += fmt::format("Without it, the watermark would be at {}.\n",
                            next_watermark == time_lowest ? "none yet" : weir::to_text(next_watermark));
    }
    if (waiting.empty()) return text + "Nothing waits for it.\n";
    for (const waiting_stage& each : waiting) {
        text += each.label + " waits for it:";
        if (each.held != 0) text += fmt::format(" {} records held", each.held);
        if (each.next_due != time_highest) {
            text += fmt::format("{} what is due at {}", each.held != 0 ? "," : "", weir::to_text(each.next_due));
        }
        text += ".\n";
    }
    return text;
}

}  // namespace weir

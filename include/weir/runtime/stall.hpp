// SPDX-License-Identifier: Apache-2.0
// Why nothing comes out: the log that holds the watermark, since when, and what waits for it.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <weir/time/timestamp.hpp>

namespace weir {

// A stage that cannot go on before the watermark, or the log's own progress, does.
struct waiting_stage {
    std::uint32_t number = 0;
    std::string label;                 // "#3 aggregate 'spending'"
    std::uint64_t held = 0;            // records in it, and before it, that wait for other channels
    timestamp next_due = time_highest;  // of windows and timers: the first fires when the watermark has passed it
};

struct stall_report {
    // The log whose watermark is the lowest of all that have not ended; nothing if all have, or there are none.
    struct log {
        std::uint32_t stage = 0;
        std::string label;  // "#0 push"
        std::uint64_t partition = 0;
        std::uint64_t offset = 0;           // of the record that it waits for
        timestamp watermark = time_lowest;  // time_lowest: it has had no record with a time
        std::chrono::nanoseconds quiet{};   // how long it has had nothing to read; zero if it is being read
    };
    std::optional<log> held_by;
    timestamp next_watermark = time_highest;  // of the log that is next behind it: as far as all could be without it
    std::vector<waiting_stage> waiting;       // behind that log
    bool paused = false;

    // Whether something waits, and not only because nothing has been there long enough to be read.
    [[nodiscard]] bool stalled() const noexcept {
        return !waiting.empty() && (paused || (held_by && held_by->quiet > std::chrono::nanoseconds::zero()));
    }
    [[nodiscard]] std::string to_text() const;
};

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// global(): all records of a key in one window, which says something at the end of all input, and before if it is told
// when: window(global(), emit::every_update). Such results have the time of the record that caused them. A key is kept
// until then: for a number of keys that is bounded.
#pragma once
#include <string>

#include <weir/time/timestamp.hpp>

namespace weir {

struct global_windows {
    static constexpr bool joins = false;
    static constexpr bool endless = true;

    template <class Record> static constexpr bool takes = true;

    void check() const {}
    [[nodiscard]] std::string text() const { return "global"; }
    template <class Record, class Visit> void windows_of(const Record&, timestamp, Visit&& visit) const {
        visit(time_lowest, time_highest);
    }
};

[[nodiscard]] inline global_windows global() { return {}; }

}  // namespace weir

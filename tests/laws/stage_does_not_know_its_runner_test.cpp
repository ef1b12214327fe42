// SPDX-License-Identifier: Apache-2.0
// Law 9: a stage does not know its runner, and runners know stages only through one erased interface: what is below
// runtime names no runner, and runtime includes no operator, source or sink.
#include "laws/source_tree.hpp"

using namespace source_tree;

TEST_CASE("nothing below runtime asks for the mode", "[laws]") {
    offenders found;
    const auto below = [](const source_file& file) {
        return in_library(file) && !names{"", "runtime", "testing"}.contains(room_of(file.path));
    };
    each_line(below, [&](const source_file& file, std::size_t line, std::string_view code) {
        forbid(found, file, line, code,
               {"event_loop", "micro_batch", "available_now", "run_plan", "run_tuning", "run_state", "job"},
               "is a matter of runtime");
    });
    found.none();
}

TEST_CASE("runtime knows stages only through flow", "[laws]") {
    offenders found;
    for (const auto& file : tree()) {
        if (!in_library(file) || room_of(file.path) != "runtime") continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const auto room = room_of("include/" + included(file.lines[i]));
            if (names{"operators", "sources", "sinks", "windows", "aggregates", "pattern", "state"}.contains(room)) {
                found.add(file, i + 1, "runtime needs nothing of " + room);
            }
        }
    }
    found.none();
}

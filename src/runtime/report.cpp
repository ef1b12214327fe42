// SPDX-License-Identifier: Apache-2.0
#include <weir/runtime/report.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace weir {

double run_report::records_per_second() const {
    const double seconds = std::chrono::duration<double>(elapsed).count();
    return seconds > 0 ? static_cast<double>(records) / seconds : 0.0;
}

bool run_report::balanced() const {
    return std::all_of(stages.begin(), stages.end(), [](const stage_report& each) { return each.counts.balanced(); }) &&
           std::all_of(edges.begin(), edges.end(),
                       [](const edge_report& each) { return each.emitted == each.received; });
}

const ledger& run_report::of(const std::string& name) const {
    for (const stage_report& each : stages) {
        if (each.name == name) return each.counts;
    }
    throw error(error_kind::configuration, "no stage is named '" + name + "'");
}

std::uint64_t run_report::noted(const std::string& note) const {
    std::uint64_t sum = 0;
    for (const stage_report& each : stages) {
        for (const stage_note& other : each.notes) sum += other.name == note ? other.count : 0;
    }
    return sum;
}

std::string run_report::to_text() const {
    std::string text = fmt::format("{:<28} {:>12} {:>12} {:>10} {:>8} {:>8} {:>8} {:>12} {:>8}\n", "stage", "in",
                                   "accepted", "filtered", "late", "bad", "held", "results", "updates");
    for (const stage_report& each : stages) {
        const std::string label =
            fmt::format("#{} {}{}", each.number, each.kind, each.name.empty() ? "" : " " + each.name);
        text += fmt::format("{:<28} {:>12} {:>12} {:>10} {:>8} {:>8} {:>8} {:>12} {:>8}\n", label, each.counts.in,
                            each.counts.accepted, each.counts.filtered, each.counts.late, each.counts.dead_letter,
                            each.counts.held, each.counts.results, each.counts.updates);
    }
    for (const stage_report& each : stages) {
        for (const stage_note& note : each.notes) {
            if (note.count != 0) text += fmt::format("#{} {}: {} {}\n", each.number, each.kind, note.count, note.name);
        }
    }
    text += fmt::format("{} records in {:.3f} s, {:.0f} records/s, ledger {}\n", records,
                        std::chrono::duration<double>(elapsed).count(), records_per_second(),
                        balanced() ? "balanced" : "NOT BALANCED");
    return text;
}

}  // namespace weir

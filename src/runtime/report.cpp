// SPDX-License-Identifier: Apache-2.0
#include <weir/runtime/report.hpp>

#include <fmt/format.h>

#include <algorithm>

#include <weir/record/print.hpp>

namespace weir {

latency_summary summary_of(const latency_histogram& all) {
    return {all.count(),          all.mean(),           all.percentile(50),    all.percentile(99),
            all.percentile(99.9), all.percentile(99.99), all.max()};
}

double run_report::records_per_second() const {
    const double seconds = std::chrono::duration<double>(elapsed).count();
    return seconds > 0 ? static_cast<double>(records) / seconds : 0.0;
}

bool run_report::balanced() const {
    return std::all_of(stages.begin(), stages.end(), [](const stage_report& each) { return each.counts.balanced(); }) &&
           std::all_of(edges.begin(), edges.end(),
                       [](const edge_report& each) { return each.emitted == each.received; });
}

const stage_report& run_report::stage(const std::string& name) const {
    for (const stage_report& each : stages) {
        if (each.name == name) return each;
    }
    throw error(error_kind::configuration, "no stage is named '" + name + "'");
}
const ledger& run_report::of(const std::string& name) const { return stage(name).counts; }

std::optional<std::chrono::nanoseconds> run_report::watermark_lag() const {
    if (watermark == time_lowest || watermark == time_highest) return std::nullopt;
    return taken_at - watermark;
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
    for (const stage_report& each : stages) {
        if (!each.latency || each.latency->count == 0) continue;
        const latency_summary& took = *each.latency;
        text += fmt::format("#{} {}{}: p50 {}, p99 {}, p99.9 {}, p99.99 {}, max {}", each.number, each.kind,
                            each.name.empty() ? "" : " " + each.name, weir::to_text(took.p50), weir::to_text(took.p99),
                            weir::to_text(took.p999), weir::to_text(took.p9999), weir::to_text(took.max));
        if (each.budget != stage_name::no_budget) {
            text += fmt::format("; {} of {} over the budget of {}", each.misses, took.count,
                                weir::to_text(each.budget));
        }
        text += '\n';
    }
    if (checkpoints) {
        text += fmt::format("checkpoints: {} taken, the last of epoch {}{}\n", checkpoints->taken,
                            checkpoints->last_epoch,
                            checkpoints->resumed_from == 0
                                ? std::string{}
                                : fmt::format(", resumed from epoch {}", checkpoints->resumed_from));
        for (const stage_report& each : stages) {
            if (each.promise) text += fmt::format("#{} {}: {}\n", each.number, each.kind, delivery_name(*each.promise));
        }
    }
    text += fmt::format("{} records in {:.3f} s, {:.0f} records/s, ledger {}\n", records,
                        std::chrono::duration<double>(elapsed).count(), records_per_second(),
                        balanced() ? "balanced" : "NOT BALANCED");
    return text;
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// What a plan says of itself while it runs.
#include <algorithm>

#include <weir/flow/live_log.hpp>
#include <weir/runtime/report.hpp>
#include <weir/runtime/stall.hpp>

#include "plan.hpp"

namespace weir::detail {
namespace {

constexpr std::size_t hottest_keys = 10;

// What waits in the queues of hosts.
std::optional<push_counts> queue_of(source_reader_base& reader) {
    if (const auto* const log = dynamic_cast<const live_log*>(&reader); log != nullptr) return log->counts();
    for (const source_part& part : reader.parts()) {
        if (auto found = queue_of(*part.reader)) return found;
    }
    return std::nullopt;
}

void add_notes(std::vector<stage_note>& sum, std::vector<stage_note> more) {
    for (stage_note& note : more) {
        const auto known =
            std::find_if(sum.begin(), sum.end(), [&](const stage_note& other) { return other.name == note.name; });
        if (known != sum.end()) {
            known->count += note.count;
        } else {
            sum.push_back(std::move(note));
        }
    }
}

}  // namespace

void plan::fill(run_report& report) const {
    report.graph = what_->name();
    for (const auto& each : workers_) report.most_parked = std::max(report.most_parked, each->parked.most);
    report.chunks_in_rings = static_cast<std::uint64_t>(std::max<std::int64_t>(0, shared_.under_way.load()));
    for (std::uint32_t number = 0; number < what_->nodes().size(); ++number) {
        const node& description = *what_->nodes()[number];
        stage_report each;
        each.number = number;
        each.kind = description.kind();
        each.name = description.name();
        each.budget = description.budget();
        fill_stage(each);
        if (const auto promise = description.promise(); promise && shared_.checkpoints != nullptr) {
            each.promise = promise->how;
        }
        report.stages.push_back(std::move(each));
    }
    fill_edges(report);
    fill_logs(report);
}

void plan::fill_stage(stage_report& report) const {
    latency_histogram latency;
    hot_keys keys;
    bool measured = false;
    for (const std::size_t index : instances_of(report.number)) {
        const stage& each = *stages_[index].run;
        report.counts += each.counts;
        report.counts.held += each.held();
        const state_size state = each.state();
        report.state.keys += state.keys;
        report.state.bytes += state.bytes;
        add_notes(report.notes, each.notes());
        for (const auto& merging : stages_[index].gates) {
            if (merging != nullptr) report.counts.held += merging->held();
        }
        if (each.meter == nullptr) continue;
        measured = true;
        latency.merge(each.meter->latency);
        keys.merge(each.meter->keys);
        report.misses += each.meter->misses;
    }
    for (const auto& [node, counts] : routed_) {
        if (node != report.number) continue;
        report.counts.in += counts->in;
        report.counts.filtered += counts->filtered;
    }
    if (!measured) return;
    report.latency = summary_of(latency);
    report.hottest = keys.top(hottest_keys, stage_meter::records_per_sample);
}

void plan::fill_edges(run_report& report) const {
    for (const edge& each : edges_) {
        const auto known = std::find_if(report.edges.begin(), report.edges.end(), [&](const edge_report& other) {
            return other.from == each.from && other.outlet == each.outlet && other.to == each.to;
        });
        edge_report& sum = known != report.edges.end()
                               ? *known
                               : report.edges.emplace_back(edge_report{each.from, each.outlet, each.to, 0, 0});
        sum.emitted += each.source->emitted;
        sum.received += each.received();
    }
}

void plan::fill_logs(run_report& report) const {
    report.watermark = time_highest;
    for (const running_stage& each : stages_) {
        if (what_->nodes()[each.node]->how() != spread::partition) continue;
        const auto& sources = workers_[each.worker]->sources;
        const auto site = std::find_if(sources.begin(), sources.end(),
                                       [&](const source_site& one) { return one.source == each.run.get(); });
        source_reader_base& reader = site->source->reader();
        log_report log;
        log.stage = each.node;
        log.partition = reader.partition;
        log.offset = reader.offset();
        log.watermark = site->position().watermark;
        log.ended = site->ended;
        log.quiet = site->quiet(*shared_.where);
        log.idle = site->follows && !site->ended;
        report.resumes.insert(report.resumes.end(), site->resumes.begin(), site->resumes.end());
        log.queue = queue_of(reader);
        if (reader.arrivals != nullptr) log.latency = summary_of(reader.arrivals->latency);
        // A log without event time says nothing of it.
        const bool timed = !site->timed_by.empty() || log.watermark != time_lowest;
        if (!log.ended && !log.idle && timed) report.watermark = std::min(report.watermark, log.watermark);
        report.logs.push_back(std::move(log));
    }
}

void plan::fill(stall_report& report) const {
    const source_site* lowest = nullptr;
    const running_stage* lowest_stage = nullptr;
    for (const running_stage& each : stages_) {
        if (what_->nodes()[each.node]->how() != spread::partition) continue;
        for (const source_site& site : workers_[each.worker]->sources) {
            if (site.source != each.run.get() || site.ended || site.follows) continue;
            if (lowest == nullptr || site.position() < lowest->position()) {
                if (lowest != nullptr) {
                    report.next_watermark = std::min(report.next_watermark, lowest->position().watermark);
                }
                lowest = &site;
                lowest_stage = &each;
            } else {
                report.next_watermark = std::min(report.next_watermark, site.position().watermark);
            }
        }
    }
    if (lowest == nullptr) return;
    source_reader_base& reader = lowest->source->reader();
    report.held_by = stall_report::log{lowest_stage->node,
                                       what_->label(lowest_stage->node),
                                       reader.partition,
                                       reader.offset(),
                                       lowest->position().watermark,
                                       lowest->quiet(*shared_.where)};
    // Nodes are numbered upstream first.
    std::vector<bool> behind(what_->nodes().size(), false);
    behind[lowest_stage->node] = true;
    for (std::uint32_t number = 0; number < what_->nodes().size(); ++number) {
        for (const node_input& input : what_->nodes()[number]->inputs()) {
            if (behind[what_->number_of(input.from.get())]) behind[number] = true;
        }
        if (!behind[number]) continue;
        waiting_stage each{number, what_->label(number)};
        for (const std::size_t index : instances_of(number)) {
            each.held += stages_[index].run->held();
            for (const auto& merging : stages_[index].gates) {
                if (merging != nullptr) each.held += merging->held();
            }
            each.next_due = std::min(each.next_due, stages_[index].run->next_due());
        }
        if (each.held != 0 || each.next_due != time_highest) report.waiting.push_back(std::move(each));
    }
}

}  // namespace weir::detail

// SPDX-License-Identifier: Apache-2.0
// A report as Prometheus reads it: text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). All samples
// of a metric stand together, behind its HELP and TYPE.
#include <fmt/format.h>

#include <weir/runtime/report.hpp>

#include "report_text.hpp"

namespace weir {
namespace {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char each : detail::as_utf8(text)) {
        if (each == '\\' || each == '"') out += '\\';
        if (each == '\n') {
            out += "\\n";
        } else {
            out += each;
        }
    }
    return out;
}

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

class metrics_text {
  public:
    explicit metrics_text(const std::string& graph) : graph_(escaped(graph)) {}

    void metric(std::string_view name, std::string_view type, std::string_view help) {
        name_ = name;
        text_ += fmt::format("# HELP weir_{} {}\n# TYPE weir_{} {}\n", name, help, name, type);
    }
    template <class Value> void sample(const std::string& labels, Value value, std::string_view suffix = {}) {
        text_ += fmt::format("weir_{}{}{{graph=\"{}\"{}}} {}\n", name_, suffix, graph_, labels, value);
    }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    std::string graph_;
    std::string_view name_;
    std::string text_;
};

std::string labels_of(const stage_report& each) {
    return fmt::format(",stage=\"{}\",kind=\"{}\",name=\"{}\"", each.number, escaped(each.kind), escaped(each.name));
}
std::string labels_of(const log_report& each) {
    return fmt::format(",stage=\"{}\",partition=\"{}\"", each.stage, each.partition);
}

void put_latency(metrics_text& out, const std::string& labels, const latency_summary& latency) {
    const std::pair<const char*, std::chrono::nanoseconds> quantiles[] = {
        {"0.5", latency.p50}, {"0.99", latency.p99}, {"0.999", latency.p999}, {"0.9999", latency.p9999},
        {"1", latency.max}};
    for (const auto& [quantile, value] : quantiles) {
        out.sample(fmt::format("{},quantile=\"{}\"", labels, quantile), seconds(value));
    }
    out.sample(labels, latency.mean_ns * static_cast<double>(latency.count) / 1e9, "_sum");
    out.sample(labels, latency.count, "_count");
}

void put_stages(metrics_text& out, const std::vector<stage_report>& stages) {
    out.metric("stage_records_total", "counter", "Records of a stage by what became of them; in is their sum.");
    for (const stage_report& each : stages) {
        const ledger& counts = each.counts;
        const std::pair<const char*, std::uint64_t> outcomes[] = {{"in", counts.in},
                                                                  {"accepted", counts.accepted},
                                                                  {"filtered", counts.filtered},
                                                                  {"late", counts.late},
                                                                  {"dead_letter", counts.dead_letter},
                                                                  {"results", counts.results},
                                                                  {"updates", counts.updates}};
        for (const auto& [outcome, count] : outcomes) {
            out.sample(fmt::format("{},outcome=\"{}\"", labels_of(each), outcome), count);
        }
    }
    const auto gauge = [&](const char* name, const char* help, auto&& value_of) {
        out.metric(name, "gauge", help);
        for (const stage_report& each : stages) out.sample(labels_of(each), value_of(each));
    };
    gauge("stage_held_records", "Records that wait in or before a stage.",
          [](const stage_report& each) { return each.counts.held; });
    gauge("stage_state_keys", "Keys that a stage has state of.",
          [](const stage_report& each) { return each.state.keys; });
    gauge("stage_state_bytes", "Bytes of a stage's tables.", [](const stage_report& each) { return each.state.bytes; });
    out.metric("stage_latency_seconds", "summary", "How long a stage works on a record.");
    for (const stage_report& each : stages) {
        if (each.latency) put_latency(out, labels_of(each), *each.latency);
    }
    out.metric("stage_budget_seconds", "gauge", "How long a stage may work on a record.");
    for (const stage_report& each : stages) {
        if (each.budget != stage_name::no_budget) out.sample(labels_of(each), seconds(each.budget));
    }
    out.metric("stage_budget_misses_total", "counter", "Records that took a stage longer than its budget.");
    for (const stage_report& each : stages) {
        if (each.budget != stage_name::no_budget) out.sample(labels_of(each), each.misses);
    }
    out.metric("stage_hot_key_records", "gauge", "Records of the keys that come most often, estimated.");
    for (const stage_report& each : stages) {
        for (const hot_key& key : each.hottest) {
            out.sample(fmt::format("{},key=\"{}\"", labels_of(each), escaped(key.key)), key.count);
        }
    }
    out.metric("stage_notes_total", "counter", "What else a stage counts.");
    for (const stage_report& each : stages) {
        for (const stage_note& note : each.notes) {
            out.sample(fmt::format("{},note=\"{}\"", labels_of(each), escaped(note.name)), note.count);
        }
    }
}

void put_logs(metrics_text& out, const run_report& report) {
    out.metric("log_offset", "counter", "Offset of the next record of a log.");
    for (const log_report& each : report.logs) out.sample(labels_of(each), each.offset);
    out.metric("log_quiet_seconds", "gauge", "How long a log has had nothing to read.");
    for (const log_report& each : report.logs) out.sample(labels_of(each), seconds(each.quiet));
    out.metric("log_watermark_lag_seconds", "gauge", "How far a log's watermark is behind the time of day.");
    for (const log_report& each : report.logs) {
        const bool known = each.watermark != time_lowest && each.watermark != time_highest && !each.ended;
        if (known) out.sample(labels_of(each), seconds(report.taken_at - each.watermark));
    }
    out.metric("log_queue_waiting", "gauge", "Records that a host pushed and that have not been read.");
    for (const log_report& each : report.logs) {
        if (each.queue) out.sample(labels_of(each), each.queue->waiting);
    }
    out.metric("log_queue_records_total", "counter", "Records that a host pushed, by what became of them.");
    for (const log_report& each : report.logs) {
        if (!each.queue) continue;
        out.sample(labels_of(each) + ",outcome=\"accepted\"", each.queue->accepted);
        out.sample(labels_of(each) + ",outcome=\"refused\"", each.queue->refused);
        out.sample(labels_of(each) + ",outcome=\"dropped\"", each.queue->dropped);
    }
    out.metric("log_latency_seconds", "summary", "From a record's arrival until it has been carried through.");
    for (const log_report& each : report.logs) {
        if (each.latency) put_latency(out, labels_of(each), *each.latency);
    }
    out.metric("reply_latency_seconds", "summary", "From a request's arrival to its reply.");
    for (const log_report& each : report.logs) {
        if (each.replies) put_latency(out, labels_of(each), *each.replies);
    }
}

}  // namespace

std::string run_report::to_prometheus() const {
    metrics_text out(graph);
    out.metric("records_total", "counter", "Records read by all sources.");
    out.sample("", records);
    out.metric("elapsed_seconds", "gauge", "How long the run has taken.");
    out.sample("", seconds(elapsed));
    out.metric("chunks_in_rings", "gauge", "Chunks sent from worker to worker and not carried through.");
    out.sample("", chunks_in_rings);
    if (const auto lag = watermark_lag()) {
        out.metric("watermark_lag_seconds", "gauge", "How far the lowest watermark is behind the time of day.");
        out.sample("", seconds(*lag));
    }
    if (checkpoints) {
        out.metric("checkpoints_total", "counter", "Checkpoints taken by this run.");
        out.sample("", checkpoints->taken);
        out.metric("checkpoint_last_epoch", "gauge", "Epoch that is durable and visible.");
        out.sample("", checkpoints->last_epoch);
        out.metric("checkpoint_bytes_total", "counter", "Bytes of state handed over to checkpoints.");
        out.sample("", checkpoints->bytes);
        out.metric("checkpoint_pause_seconds", "summary", "How long the run rests for a checkpoint.");
        put_latency(out, "", summary_of(checkpoints->pauses));
        out.metric("checkpoint_writing_seconds", "summary", "Until a checkpoint is durable and visible.");
        put_latency(out, "", summary_of(checkpoints->writing));
    }
    put_stages(out, stages);
    put_logs(out, *this);
    return out.text();
}

}  // namespace weir

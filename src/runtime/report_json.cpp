// SPDX-License-Identifier: Apache-2.0
// A report as JSON.
#include <fmt/format.h>

#include <weir/record/json_output.hpp>
#include <weir/record/text.hpp>
#include <weir/runtime/report.hpp>

#include "report_text.hpp"

namespace weir {
namespace {

class json_text {
  public:
    json_text& object(std::string_view key = {}) { return begin(key, '{'); }
    json_text& list(std::string_view key = {}) { return begin(key, '['); }
    json_text& end(char bracket) {
        text_ += bracket;
        first_ = false;
        return *this;
    }
    json_text& number(std::string_view key, std::uint64_t value) { return raw(key, fmt::format("{}", value)); }
    json_text& real(std::string_view key, double value) { return raw(key, fmt::format("{:.1f}", value)); }
    json_text& duration(std::string_view key, std::chrono::nanoseconds value) {
        return raw(key, fmt::format("{}", value.count()));
    }
    json_text& truth(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
    json_text& time(std::string_view key, timestamp value) {
        if (value == time_lowest || value == time_highest) return raw(key, "null");
        return string(key, to_field(value));
    }
    json_text& string(std::string_view key, std::string_view value) { return raw(key, quoted(value)); }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    static std::string quoted(std::string_view value) {
        std::string out;
        detail::json_output json(out, false);
        json.put_text(detail::as_utf8(value));
        json.flush();
        return out;
    }
    static std::string to_field(timestamp value) {
        std::string out;
        append_field(out, value);
        return out;
    }
    json_text& raw(std::string_view key, std::string_view value) {
        put_key(key);
        text_ += value;
        first_ = false;
        return *this;
    }
    json_text& begin(std::string_view key, char bracket) {
        put_key(key);
        text_ += bracket;
        first_ = true;
        return *this;
    }
    void put_key(std::string_view key) {
        if (!first_) text_ += ',';
        if (!key.empty()) text_ += fmt::format("\"{}\":", key);
    }

    std::string text_;
    bool first_ = true;
};

void put_latency(json_text& json, std::string_view key, const std::optional<latency_summary>& latency) {
    if (!latency) return;
    json.object(key).number("count", latency->count).real("mean_ns", latency->mean_ns);
    json.duration("p50_ns", latency->p50).duration("p99_ns", latency->p99).duration("p999_ns", latency->p999);
    json.duration("p9999_ns", latency->p9999).duration("max_ns", latency->max).end('}');
}

void put_stage(json_text& json, const stage_report& each) {
    json.object().number("number", each.number).string("kind", each.kind).string("name", each.name);
    json.object("ledger").number("in", each.counts.in).number("accepted", each.counts.accepted);
    json.number("filtered", each.counts.filtered).number("late", each.counts.late);
    json.number("dead_letter", each.counts.dead_letter).number("held", each.counts.held);
    json.number("results", each.counts.results).number("updates", each.counts.updates).end('}');
    json.object("state").number("keys", each.state.keys).number("bytes", each.state.bytes).end('}');
    if (each.promise) json.string("promise", delivery_name(*each.promise));
    put_latency(json, "latency", each.latency);
    if (each.budget != stage_name::no_budget) {
        json.duration("budget_ns", each.budget).number("misses", each.misses);
    }
    if (!each.hottest.empty()) {
        json.list("hottest");
        for (const hot_key& key : each.hottest) {
            json.object().string("key", key.key).number("count", key.count).number("error", key.error).end('}');
        }
        json.end(']');
    }
    if (!each.notes.empty()) {
        json.list("notes");
        for (const stage_note& note : each.notes) {
            json.object().string("name", note.name).number("count", note.count).end('}');
        }
        json.end(']');
    }
    json.end('}');
}

void put_log(json_text& json, const log_report& each) {
    json.object().number("stage", each.stage).number("partition", each.partition).number("offset", each.offset);
    json.time("watermark", each.watermark).truth("ended", each.ended).truth("idle", each.idle);
    json.duration("quiet_ns", each.quiet);
    if (each.queue) {
        json.object("queue").number("waiting", each.queue->waiting).number("accepted", each.queue->accepted);
        json.number("refused", each.queue->refused).number("dropped", each.queue->dropped).end('}');
    }
    put_latency(json, "latency", each.latency);
    put_latency(json, "replies", each.replies);
    json.end('}');
}

}  // namespace

std::string run_report::to_json() const {
    json_text json;
    json.object().string("graph", graph).time("taken_at", taken_at).duration("elapsed_ns", elapsed);
    json.number("records", records).real("records_per_second", records_per_second());
    json.truth("reached_end", reached_end).number("batches", batches).number("chunks_in_rings", chunks_in_rings);
    json.number("most_parked", most_parked);
    json.time("watermark", watermark);
    if (checkpoints) {
        json.object("checkpoints").number("taken", checkpoints->taken).number("last_epoch", checkpoints->last_epoch);
        json.number("resumed_from", checkpoints->resumed_from).number("bytes", checkpoints->bytes);
        put_latency(json, "pauses", summary_of(checkpoints->pauses));
        put_latency(json, "writing", summary_of(checkpoints->writing));
        json.end('}');
    }
    if (const auto lag = watermark_lag()) json.duration("watermark_lag_ns", *lag);
    json.list("stages");
    for (const stage_report& each : stages) put_stage(json, each);
    json.end(']').list("logs");
    for (const log_report& each : logs) put_log(json, each);
    json.end(']').list("resumes");
    for (const log_resume& each : resumes) {
        json.object().number("partition", each.partition).number("offset", each.offset);
        json.time("watermark", each.watermark).end('}');
    }
    json.end(']').list("edges");
    for (const edge_report& each : edges) {
        json.object().number("from", each.from).number("outlet", each.outlet).number("to", each.to);
        json.number("emitted", each.emitted).number("received", each.received).end('}');
    }
    json.end(']').end('}');
    return json.text();
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// What a run leaves behind: the ledger of every stage, what edges carried, rates, and what sinks collected.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <weir/base/error.hpp>
#include <weir/flow/delivery.hpp>
#include <weir/flow/push_counts.hpp>
#include <weir/flow/sink.hpp>
#include <weir/flow/stage.hpp>
#include <weir/flow/stage_meter.hpp>
#include <weir/flow/log_resume.hpp>
#include <weir/runtime/checkpointing.hpp>

namespace weir {

// What a latency_histogram says.
struct latency_summary {
    std::uint64_t count = 0;
    double mean_ns = 0;
    std::chrono::nanoseconds p50{}, p99{}, p999{}, p9999{}, max{};
};
[[nodiscard]] latency_summary summary_of(const latency_histogram& all);

struct stage_report {
    std::uint32_t number = 0;
    std::string kind;
    std::string name;
    ledger counts;
    std::vector<stage_note> notes = {};  // what else it counted: files that were replaced or cut
    state_size state = {};
    std::optional<delivery> promise = {};  // of a sink in a run with checkpoints: what it promises over crashes
    // Of a stage that is measured (run_tuning::measure, or a budget): how long it works on a record, or on the chunk
    // that it came in. What a watermark makes due is not in it, nor what stages behind it do.
    std::optional<latency_summary> latency = {};
    std::chrono::nanoseconds budget = stage_name::no_budget;
    std::uint64_t misses = 0;             // records that took longer than the budget
    std::vector<hot_key> hottest = {};    // most frequent first; of a keyed stage that is measured
};

// A log: one partition of a source.
struct log_report {
    std::uint32_t stage = 0;  // the source's number
    std::uint64_t partition = 0;
    std::uint64_t offset = 0;            // of the next record
    timestamp watermark = time_lowest;   // that event_time behind it has come to; time_lowest where there is none
    bool ended = false;
    bool idle = false;                   // declared so: its watermark goes with the others'
    std::chrono::nanoseconds quiet{};    // how long there has been nothing to read
    std::optional<push_counts> queue = {};  // of a log that the host writes
    // Of a log that is measured: from the arrival of a record (of one that was pushed, the intended one; else when it
    // was read) until it has been carried to the sinks, or handed over to other workers.
    std::optional<latency_summary> latency = {};
    std::optional<latency_summary> replies = {};  // of requests: from the intended arrival to the reply
};

// Records that one output handed to one consumer; equal on both sides at the end of a run.
struct edge_report {
    std::uint32_t from = 0;
    std::uint32_t outlet = 0;
    std::uint32_t to = 0;
    std::uint64_t emitted = 0;
    std::uint64_t received = 0;
};

class run_report {
  public:
    std::vector<stage_report> stages;
    std::vector<edge_report> edges;
    std::vector<log_report> logs;
    // Where logs that had been declared idle spoke again: what a replay of them gives event_time.
    std::vector<log_resume> resumes;
    std::uint64_t records = 0;  // read by all sources, bad ones included
    std::uint64_t batches = 0;  // micro-batches, or 0
    std::size_t most_parked = 0;  // chunks that waited for room in full rings at one time, on the worker with most
    std::uint64_t chunks_in_rings = 0;  // sent from worker to worker, and not carried through yet
    // The lowest of all logs with event time that have not ended and are not idle; time_highest if there are none.
    timestamp watermark = time_lowest;
    timestamp taken_at = time_lowest;   // time of day of this report
    std::chrono::nanoseconds elapsed{};
    std::optional<checkpoint_report> checkpoints = {};  // of a run that has a folder for them
    bool reached_end = false;  // all logs ended; else the run stopped where there was nothing to read

    [[nodiscard]] double records_per_second() const;
    // Whether every stage's ledger balances and every edge lost and invented nothing.
    [[nodiscard]] bool balanced() const;
    // The counts of a named stage; an error if there is none.
    [[nodiscard]] const ledger& of(const std::string& name) const;
    // The sum of what all stages noted under this name; 0 if none did.
    [[nodiscard]] std::uint64_t noted(const std::string& name) const;
    // The report of a named stage; an error if there is none.
    [[nodiscard]] const stage_report& stage(const std::string& name) const;
    // How far the watermark is behind the time of day; empty if there is none yet, or no more.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> watermark_lag() const;
    // A table for people.
    [[nodiscard]] std::string to_text() const;
    // All of it but for outputs, as one JSON object. Durations are numbers of nanoseconds (names end in _ns), times are
    // RFC 3339 or null.
    [[nodiscard]] std::string to_json() const;
    // The text format of Prometheus, version 0.0.4: metrics weir_..., labelled with the graph, and stage or log.
    [[nodiscard]] std::string to_prometheus() const;

    // What a collecting sink holds after the run.
    template <class Sink> [[nodiscard]] const std::vector<typename Sink::item_type>& output(const Sink& sink) const {
        for (const auto& [identity, value] : outputs.values) {
            if (identity == sink.identity()) {
                return *static_cast<const std::vector<typename Sink::item_type>*>(value.get());
            }
        }
        throw error(error_kind::configuration, "this sink was not part of the graph that ran");
    }
    std::string graph;  // its name
    run_outputs outputs;
};

}  // namespace weir

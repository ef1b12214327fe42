// SPDX-License-Identifier: Apache-2.0
// What a run leaves behind: the ledger of every stage, what edges carried, rates, and what sinks collected.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <weir/base/error.hpp>
#include <weir/flow/sink.hpp>
#include <weir/flow/stage.hpp>

namespace weir {

struct stage_report {
    std::uint32_t number = 0;
    std::string kind;
    std::string name;
    ledger counts;
    std::vector<stage_note> notes = {};  // what else it counted: files that were replaced or cut
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
    std::uint64_t records = 0;  // read by all sources, bad ones included
    std::uint64_t batches = 0;  // micro-batches, or 0
    std::size_t most_parked = 0;  // chunks that waited for room in full rings at one time, on the worker with most
    std::chrono::nanoseconds elapsed{};
    bool reached_end = false;  // all logs ended; else the run stopped where there was nothing to read

    [[nodiscard]] double records_per_second() const;
    // Whether every stage's ledger balances and every edge lost and invented nothing.
    [[nodiscard]] bool balanced() const;
    // The counts of a named stage; an error if there is none.
    [[nodiscard]] const ledger& of(const std::string& name) const;
    // The sum of what all stages noted under this name; 0 if none did.
    [[nodiscard]] std::uint64_t noted(const std::string& name) const;
    // A table for people.
    [[nodiscard]] std::string to_text() const;

    // What a collecting sink holds after the run.
    template <class Sink> [[nodiscard]] const std::vector<typename Sink::item_type>& output(const Sink& sink) const {
        for (const auto& [identity, value] : outputs.values) {
            if (identity == sink.identity()) {
                return *static_cast<const std::vector<typename Sink::item_type>*>(value.get());
            }
        }
        throw error(error_kind::configuration, "this sink was not part of the graph that ran");
    }
    run_outputs outputs;
};

}  // namespace weir

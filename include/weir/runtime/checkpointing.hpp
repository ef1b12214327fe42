// SPDX-License-Identifier: Apache-2.0
// How a run keeps what it knows, so that a later one goes on where it ended, whatever ended it: a folder, and how
// often.
//
//   weir::run(graph, weir::event_loop{.checkpoint = {.every = 1s, .directory = "state/"}});
//
// A run with a folder begins where the newest sound checkpoint in it was taken, or at the beginning if there is none.
// A checkpoint is a cut through the whole run, between two records of each log: workers come to rest, everything on its
// way is carried through, and what has changed since the last one is copied. It is written while the run goes on; when
// it is durable, sinks make visible what they had been given before the cut. So an exactly-once sink holds, after any
// number of crashes, what one run without a crash would have written.
//
// Stages with state must have names (weir::named), so that their state is found again in a graph that was changed.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <weir/base/latency_histogram.hpp>

namespace weir {

// {"velocity", "count", "events"}: in the state of stage 'velocity', what was `count` is called `events` now. For a
// struct within it: {"velocity", "last.count", "events"}.
struct renamed_state_field {
    std::string stage;
    std::string from;
    std::string to;
};

struct checkpointing {
    std::chrono::nanoseconds every = std::chrono::seconds{1};  // 0: as often as possible, or after each micro-batch
    std::string directory = {};  // made if it is missing; empty: no checkpoints
    unsigned keep = 2;           // checkpoints, the newest and those to fall back to; savepoints are all kept
    // Where to begin if the folder has no checkpoint yet: the newest savepoint of this one, or its newest checkpoint if
    // it has no savepoint. It is only read. What sinks were writing is gone on with where it was.
    std::string from = {};
    // Whoever sets it, be it a signal handler, asks for a savepoint, which is taken as soon as can be; then it is false
    // again. It must outlive the run.
    std::atomic<bool>* savepoint = nullptr;
    // A log that cannot be read again (pushed records, requests, standard input, a connection) loses what it gave after
    // the last checkpoint. Without this, a graph with such a log is refused. With it, a run that goes on has the state,
    // watermarks and offsets of the checkpoint, and the log goes on with what comes then: text begins with its header,
    // and a log that had come to its end stays there.
    bool at_most_once_sources = false;
    // Stages without names are found again by their place among those of their kind: for a graph that never changes.
    bool unnamed_by_place = false;
    // Fields of states that have another name than in the checkpoint; all else that may have changed is found by itself
    // (record/migration.hpp), and what may not is refused before a record is read. Rules may stay when they have done
    // their work.
    std::vector<renamed_state_field> renamed_fields = {};
    // A program that was changed: stages of the checkpoint that are not in the graph any more, or are of another kind.
    // What they kept is forgotten. Without a name here that is refused, except for stages that keep nothing but counts.
    // Stages and sinks that are new begin with nothing, and need no leave.
    std::vector<std::string> dropped_stages = {};
    // Logs that are new. They are read from their beginning by a graph that has come further: what its windows had
    // given of that time they give again, of the new log's records alone. Without a name here that is refused.
    std::vector<std::string> added_sources = {};
    // Everything is written each time, not only what has changed. For measurements.
    bool always_whole = false;
};

// What a run's checkpoints were like.
struct checkpoint_report {
    std::uint64_t resumed_from = 0;  // the epoch; 0 if the run began at the beginning
    std::uint64_t last_epoch = 0;    // durable and committed
    std::uint64_t taken = 0;         // by this run
    std::uint64_t bytes = 0;         // of state handed over
    latency_histogram pauses;        // from when the run was asked to rest until it went on
    latency_histogram writing;       // until the epoch was durable and visible
};

}  // namespace weir

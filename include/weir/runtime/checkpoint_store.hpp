// SPDX-License-Identifier: Apache-2.0
// Checkpoints in a folder: what is written there, in which order, and what is found again after a crash. The format is
// described in docs of its own beside the code: src/runtime/checkpoint_format.md.
//
// One process at a time has the folder: it holds a lock, and counts as a new incarnation. An epoch is durable when
// write() returns; whatever happens before that, the epoch before it is found again, whole.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <weir/base/environment.hpp>
#include <weir/record/state_batch.hpp>
#include <weir/time/timestamp.hpp>

namespace weir {

// A stage that has state, as a checkpoint knows it. Entries name it by its place in the list.
struct checkpoint_stage {
    std::string name;      // its identity: what named() gave it, or what the graph calls it
    std::string kind;      // "process", "window", ...
    std::string schema;    // the names and types of what it keeps (record/schema.hpp); empty if nobody knows
    unsigned instance = 0;  // of the workers' instances of it
    friend bool operator==(const checkpoint_stage&, const checkpoint_stage&) = default;
};

// A file of entries, sorted by stage, shard and key.
struct checkpoint_segment {
    std::string name;  // in the folder
    std::uint64_t bytes = 0;
    std::uint64_t entries = 0;
    friend bool operator==(const checkpoint_segment&, const checkpoint_segment&) = default;
};

struct checkpoint_info {
    std::string graph;
    std::uint64_t epoch = 0;        // counted from 1
    std::uint64_t incarnation = 0;  // of the process that wrote it
    timestamp taken_at{};           // by the wall clock, for people
    unsigned threads = 1;
    bool ended = false;             // the logs had, and everything was said
    bool savepoint = false;
    std::vector<checkpoint_stage> stages;
    std::vector<checkpoint_segment> segments;  // from the oldest: later entries replace earlier ones
    std::uint64_t job = 0;  // drawn with the folder's first checkpoint: the same in all that is written there
};

struct checkpoint_folder {
    std::string path;
    std::string graph;
    unsigned keep = 2;  // checkpoints, at least 1: the newest, and those to fall back to
};

class checkpoint_store {
  public:
    // Makes the folder if it is missing, takes its lock, looks for the newest checkpoint that is sound, and begins an
    // incarnation. What no checkpoint that is kept names is removed. Throws weir::error of kind state, with a sentence
    // to act on, if another process holds the folder, it is of another graph, was written by a newer version, or holds
    // checkpoints of which none is sound; of kind io if it cannot be read or written.
    checkpoint_store(environment& where, checkpoint_folder folder);
    checkpoint_store(const checkpoint_store&) = delete;
    checkpoint_store& operator=(const checkpoint_store&) = delete;
    ~checkpoint_store();

    // The newest checkpoint that is sound; null if there is none yet.
    [[nodiscard]] const checkpoint_info* latest() const noexcept;
    // What write() is going to write next: never a number that an epoch had, be it one that was passed over.
    [[nodiscard]] std::uint64_t next_epoch() const noexcept;
    [[nodiscard]] std::uint64_t incarnation() const noexcept;
    [[nodiscard]] std::uint64_t job() const noexcept;
    // Why newer ones were passed over: a sentence for each.
    [[nodiscard]] const std::vector<std::string>& passed_over() const noexcept;
    // Calls visit for each entry of the latest, in order of stage, shard and key, none of them gone. Memory: a block
    // per segment. Throws weir::error of kind state if a segment is damaged after all.
    void read(const std::function<void(const state_batch::entry&)>& visit);
    // Makes an epoch durable: the entries, which it sorts, are all there is if `whole`, else what has changed since the
    // last epoch written, and then the stages begin with those of that epoch. Of `about`, graph, epoch, incarnation,
    // job and segments are filled in. Returns what was written. After an error latest() is the epoch before it, and the
    // store writes no more: whether the next one to open the folder finds the epoch is unknown, so nothing that belongs
    // to it may be undone.
    checkpoint_info write(checkpoint_info about, state_batch& entries, bool whole);
    // Merges segments, so that there are few and what was replaced goes, and removes files that no checkpoint that is
    // kept names. To be called between writes, from the same thread; may take long.
    void tidy();

  private:
    class impl;
    std::unique_ptr<impl> impl_;
};

// What is in a folder, without its lock: for looking at. Newest first; those that are not sound are left out, and said
// in `problems`.
[[nodiscard]] std::vector<checkpoint_info> list_checkpoints(environment& where, const std::string& path,
                                                            std::vector<std::string>& problems);
// The entries of any checkpoint in the folder, one after the other, as checkpoint_store::read visits them.
class checkpoint_entries {
  public:
    checkpoint_entries(environment& where, const std::string& path, const checkpoint_info& which);
    checkpoint_entries(const checkpoint_entries&) = delete;
    checkpoint_entries& operator=(const checkpoint_entries&) = delete;
    ~checkpoint_entries();
    // False at the end.
    [[nodiscard]] bool next();
    // Valid until the next call of next().
    [[nodiscard]] const state_batch::entry& current() const noexcept;

  private:
    class impl;
    std::unique_ptr<impl> impl_;
};
void read_checkpoint(environment& where, const std::string& path, const checkpoint_info& which,
                     const std::function<void(const state_batch::entry&)>& visit);

}  // namespace weir

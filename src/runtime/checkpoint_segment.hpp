// SPDX-License-Identifier: Apache-2.0
// Segments: entries by stage, shard and key, in files that are written once. Several are read as one, in which newer
// entries replace older ones.
#pragma once
#include <optional>
#include <vector>

#include <weir/record/state_batch.hpp>
#include <weir/runtime/checkpoint_store.hpp>

#include "checkpoint_file.hpp"

namespace weir::detail {

// segment-<epoch, 20 digits>-<file, 16 hexadecimal digits>
struct segment_name {
    std::uint64_t epoch = 0;
    std::uint64_t file = 0;
};
[[nodiscard]] std::string to_text(const segment_name& name);
[[nodiscard]] std::optional<segment_name> parse_segment_name(std::string_view text);

class segment_writer {
  public:
    segment_writer(environment& where, const std::string& folder, const checkpoint_header& header);
    // In the order of stage, shard and key.
    void append(const state_batch::entry& entry);
    void finish() { file_.finish(entries_); }
    void sync() { file_.sync(); }
    // After finish().
    [[nodiscard]] checkpoint_segment written() const { return {name_, file_.bytes(), entries_}; }

  private:
    std::string name_;
    checkpoint_file_writer file_;
    std::uint64_t entries_ = 0;
};

// Goes through a segment once. Memory: a block, and an entry if it is larger or lies across the end of a block.
class segment_reader {
  public:
    segment_reader(environment& where, const std::string& folder, const checkpoint_segment& segment,
                   std::uint64_t job);
    // False at the end.
    [[nodiscard]] bool next();
    // Valid until the next call of next().
    [[nodiscard]] const state_batch::entry& current() const noexcept { return current_; }

  private:
    [[nodiscard]] std::string_view take(std::size_t count);

    checkpoint_file_reader file_;
    std::uint64_t wanted_entries_;
    std::uint64_t entries_ = 0;
    std::string_view block_;  // what is left of it
    std::string spilled_;
    state_batch::entry current_;
    std::string kept_key_;  // the key of the current entry, once its block is gone
};

// Several segments as one, from the oldest. Of entries for one key, that of the newest segment is left, also if it says
// that there is none any more. O(log segments) per entry.
class merged_segments {
  public:
    // Those of the list from `first` on.
    merged_segments(environment& where, const std::string& folder, const std::vector<checkpoint_segment>& segments,
                    std::size_t first, std::uint64_t job);
    [[nodiscard]] bool next();
    [[nodiscard]] const state_batch::entry& current() const noexcept { return heap_.front().entries->current(); }

  private:
    struct source {
        std::unique_ptr<segment_reader> entries;
        std::size_t age = 0;  // greater: newer
    };
    [[nodiscard]] static bool before(const source& left, const source& right);
    void advance(std::size_t place);
    void sift_down(std::size_t place);

    std::vector<source> heap_;  // the next entry, of the newest segment that has it, in front
    bool begun_ = false;
};

// From which segment on they are to be merged, so that each is larger than all newer ones together: then there are few,
// and a byte is written again only when what it lies in at least doubles. The number of segments if they are so now.
[[nodiscard]] std::size_t merge_from(const std::vector<checkpoint_segment>& segments);

}  // namespace weir::detail

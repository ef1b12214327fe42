// SPDX-License-Identifier: Apache-2.0
// Files that follow each other under numbered names, each written aside and published whole. What begins a new one is
// said by roll_options:
//
//   bytes         a file that has so many bytes, counted before they are packed, is closed; the record that takes it
//                 there is still in it
//   event_time    a file holds records of one such span of event time, counted from 1970: the first record of a later
//                 span begins a new one. A late record goes into the file that is open.
//   wall_clock    a file older than this is closed when the next record comes. Which records are in which file then
//                 depends on how fast they came: weir::explain says so.
//   every_epoch   a file holds records of one epoch of a run with checkpoints: what a checkpoint made sure of is there
//                 to be read. A run without checkpoints is one epoch. weir::explain says that it depends on when
//                 checkpoints are taken.
//
// By bytes and event time all runners write the same files, because a sink takes its input in turn. A file begins with
// its first record: there are no empty ones.
//
// A file appears when it is closed, which the last one is at the end of the run: of a run that fails those stay that
// were closed before. In a run with checkpoints it appears when the epoch in which it was closed is durable, and with
// it a commit record (sinks/committed_files.hpp); the file that is open goes on in the next run, whatever ended this
// one, and the last one is closed when the logs end. So every record is in one file, once. Until then files have hidden
// names beside their own, .decisions-000007.csv.part; those that no checkpoint knows are removed when a run begins.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weir/flow/sink.hpp>
#include <weir/sinks/committed_files.hpp>
#include <weir/sinks/file_sink.hpp>
#include <weir/sinks/staged_file.hpp>
#include <weir/time/timestamp.hpp>

namespace weir {

struct roll_options {
    std::uint64_t bytes = 0;  // 0: files may be of any size
    std::chrono::nanoseconds event_time{};
    std::chrono::nanoseconds wall_clock{};
    bool every_epoch = false;
    // A run goes on counting behind the files that are there. Otherwise it refuses to begin beside files of another
    // run, which would look like its own.
    // One that goes on from a checkpoint knows which are its own.
    bool after_existing = false;
};

namespace detail {

// Throws weir::error of kind configuration if the pattern has not one * in its last part, or nothing ever begins a new
// file, or where check_file_path does.
void check_rolling(const file_kind& kind, const std::string& pattern, const roll_options& options,
                   const file_codecs& codecs);

// For explain.
[[nodiscard]] std::string why_non_deterministic(const roll_options& options);

// The files of a sink, in all its runs.
class rolling_file {
  public:
    rolling_file(const file_kind& kind, std::string pattern, const roll_options& options, environment& where,
                 file_codecs codecs, bool checkpointed);

    // Opens the file that a record of this time belongs to. Returns whether it is a new one.
    [[nodiscard]] bool begin_record(const stamp_view& at);
    // What belongs to the record is appended here.
    [[nodiscard]] std::string& pending() { return file_->pending; }
    void end_record();

    [[nodiscard]] bool checkpointed() const noexcept { return checkpointed_; }
    [[nodiscard]] bool publishes() const noexcept { return !checkpointed_; }
    void prepare();
    void finish(bool complete);

    [[nodiscard]] std::unique_ptr<sink_epoch> end_epoch(std::uint64_t number, bool last);
    void recover();
    void save(binary_writer& writer) const;
    void load(binary_reader& reader);

  private:
    // In a run with checkpoints, a file to which nothing is added any more.
    struct closed_file {
        std::uint64_t number = 0;
        file_extent whole;
    };
    class epoch;

    [[nodiscard]] bool over(const stamp_view& at) const;
    [[nodiscard]] std::int64_t span_of(const stamp_view& at) const;
    void close();
    void open(const stamp_view& at);
    void begin_run();
    [[nodiscard]] std::string name_of(std::uint64_t number) const;
    void find_existing(const std::string& pattern);
    void remove_forgotten();
    [[nodiscard]] std::vector<committed_file> files_of_epoch() const;

    file_kind kind_;
    std::string pattern_;
    roll_options options_;
    environment& where_;
    file_codecs codecs_;
    bool checkpointed_;
    std::unique_ptr<staged_file> file_;
    std::uint64_t number_ = 0;  // of the file opened last
    std::uint64_t bytes_ = 0;   // of the open file, but for the record under way
    std::size_t begun_at_ = 0;  // where that begins in what is pending
    std::int64_t span_ = 0;
    std::chrono::nanoseconds opened_{};

    // In runs with checkpoints.
    bool begun_ = false;               // the run: what others left has been looked at
    bool restored_ = false;            // from a checkpoint
    bool made_any_ = false;            // files, since an epoch ended
    std::vector<closed_file> closed_;  // since then
    std::vector<std::shared_ptr<output_file>> unsynced_;  // of those
    std::uint64_t epoch_ = 0;            // the last one that ended,
    std::vector<closed_file> of_epoch_;  // what it makes visible,
    std::optional<file_extent> there_;   // and what there was of the open file, if there was one
};

}  // namespace detail
}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
// Files that follow each other under numbered names, each written aside and published whole. What begins a new one is
// said by roll_options:
//
//   bytes        a file that has so many bytes, counted before they are packed, is closed; the record that takes it
//                there is still in it
//   event_time   a file holds records of one such span of event time, counted from 1970: the first record of a later
//                span begins a new one. A late record goes into the file that is open.
//   wall_clock   a file older than this is closed when the next record comes. Which records are in which file then
//                depends on how fast they came: weir::explain says so.
//
// By bytes and event time all runners write the same files, because a sink takes its input in turn. A file begins with
// its first record: there are no empty ones.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <weir/flow/sink.hpp>
#include <weir/sinks/file_sink.hpp>
#include <weir/sinks/staged_file.hpp>
#include <weir/time/timestamp.hpp>

namespace weir {

struct roll_options {
    std::uint64_t bytes = 0;  // 0: files may be of any size
    std::chrono::nanoseconds event_time{};
    std::chrono::nanoseconds wall_clock{};
    // A run goes on counting behind the files that are there. Otherwise it refuses to begin beside files of another
    // run, which would look like its own.
    bool after_existing = false;
};

namespace detail {

// Throws weir::error of kind configuration if the pattern has not one * in its last part, or nothing ever begins a new
// file, or where check_file_path does.
void check_rolling(const file_kind& kind, const std::string& pattern, const roll_options& options,
                   const file_codecs& codecs);

// For explain.
[[nodiscard]] inline std::string why_non_deterministic(const roll_options& options) {
    return options.wall_clock.count() == 0 ? std::string{} : "which file a record is in depends on when it came";
}

// The files of one run.
class rolling_file {
  public:
    rolling_file(const file_kind& kind, std::string pattern, const roll_options& options, environment& where,
                 file_codecs codecs);

    // Opens the file that a record of this time belongs to. Returns whether it is a new one.
    [[nodiscard]] bool begin_record(const stamp_view& at);
    // What belongs to the record is appended here.
    [[nodiscard]] std::string& pending() { return file_->pending; }
    void end_record();
    void prepare();
    void finish(bool complete);

  private:
    [[nodiscard]] bool over(const stamp_view& at) const;
    [[nodiscard]] std::int64_t span_of(const stamp_view& at) const;
    void close();
    void open(const stamp_view& at);
    [[nodiscard]] std::string name_of(std::uint64_t number) const;
    void find_existing();

    file_kind kind_;
    std::string pattern_;
    roll_options options_;
    environment& where_;
    file_codecs codecs_;
    std::unique_ptr<staged_file> file_;
    std::uint64_t number_ = 0;  // of the file opened last
    std::uint64_t bytes_ = 0;   // of the open file, but for the record under way
    std::size_t begun_at_ = 0;  // where that begins in what is pending
    std::int64_t span_ = 0;
    std::chrono::nanoseconds opened_{};
};

// An encoder appends a record to a string; it may have a header, which every file gets.
template <class V, class Encoder>
class rolling_writer {
  public:
    rolling_writer(const file_kind& kind, std::string pattern, const roll_options& options, Encoder encoder,
                   environment& where, file_codecs codecs)
        : kind_(kind), pattern_(std::move(pattern)), encoder_(std::move(encoder)),
          file_(kind, pattern_, options, where, std::move(codecs)) {}
    void take(const V& record, const stamp_view& at) {
        const bool fresh = file_.begin_record(at);
        if constexpr (requires(std::string& out) { encoder_.append_header(out); }) {
            if (fresh) encoder_.append_header(file_.pending());
        }
        try {
            encoder_.append(file_.pending(), record);
        } catch (const error& problem) {
            refuse_file_record(kind_, pattern_, problem);
        }
        file_.end_record();
    }
    void flush() {}
    void prepare() { file_.prepare(); }
    void finish(bool complete) { file_.finish(complete); }
    void save(binary_writer&) const { refuse_file_snapshot(kind_, pattern_); }
    void load(binary_reader&) { refuse_file_snapshot(kind_, pattern_); }

  private:
    file_kind kind_;
    std::string pattern_;
    Encoder encoder_;
    rolling_file file_;
};

}  // namespace detail
}  // namespace weir

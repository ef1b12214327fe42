// SPDX-License-Identifier: Apache-2.0
// What the sinks that write one file have in common: the file appears under its name when the run is complete, whole,
// and replaces what was there (of a symbolic link, the link itself); a run that fails leaves nothing. A path that ends
// in '/' is a folder, made if it is missing, and not removed again: the file in it is called after the stage in front
// of the sink, or after the graph if that has no name. A file whose name says so is packed: .gz, .zst, or what the
// sink was given a weir::file_codec for.
//
// A path where no file can be published is refused when the run begins, as far as that is known then. The files of a
// run are all on the disk before the first gets its name, but names cannot be given to several at once: a crash between
// them, or an error that came up only then, leaves some files new and some old. The error says which are new.
//
// In a run with checkpoints the file grows under a hidden name beside its own, .out.csv.part, and stays there whatever
// ends the run: the next one cuts it to what it was at the checkpoint and goes on. It gets its name when the epoch that
// the logs end with is durable, so it is there exactly once, whole, and no other than without a crash; a packed one is
// no other when it is unpacked, for each epoch ends a frame of it.
#pragma once
#include <memory>
#include <string>
#include <utility>

#include <weir/flow/chunk.hpp>
#include <weir/flow/sink.hpp>
#include <weir/sinks/file_kind.hpp>

namespace weir::detail {

// An encoder appends a record to a string; it may have a header, which every file gets. Files are a single_file or a
// rolling_file.
template <class V, class Encoder, class Files>
class file_writer {
  public:
    file_writer(const file_kind& kind, std::string path, Encoder encoder, auto&&... more)
        : kind_(kind), path_(std::move(path)), encoder_(std::move(encoder)),
          files_(kind, path_, std::forward<decltype(more)>(more)...) {
        if (!files_.checkpointed()) begin_whole();
    }
    void take(const V& record, const stamp_view& at) {
        if (files_.begin_record(at)) append_header();
        try {
            encoder_.append(files_.pending(), record);
        } catch (const error& problem) {
            refuse_file_record(kind_, path_, problem);
        }
        files_.end_record();
    }
    void flush() {}

    void prepare() { files_.prepare(); }
    [[nodiscard]] bool publishes() const { return files_.publishes(); }
    void finish(bool complete) { files_.finish(complete); }

    [[nodiscard]] static delivery_promise promise() {
        return {delivery::exactly_once, "what a run wrote after the last one is cut off, and written again"};
    }
    [[nodiscard]] std::unique_ptr<sink_epoch> end_epoch(std::uint64_t number, bool last) {
        begin_whole();
        return files_.end_epoch(number, last);
    }
    void recover() { files_.recover(); }
    void save(binary_writer& writer) const { files_.save(writer); }
    void load(binary_reader& reader) { files_.load(reader); }

  private:
    // A file that is there even if no record comes.
    void begin_whole() {
        if constexpr (requires { files_.begin(); }) {
            if (files_.begin()) append_header();
        }
    }
    void append_header() {
        if constexpr (requires(std::string& out) { encoder_.append_header(out); }) {
            encoder_.append_header(files_.pending());
        }
    }

    file_kind kind_;
    std::string path_;
    Encoder encoder_;
    Files files_;
};

}  // namespace weir::detail

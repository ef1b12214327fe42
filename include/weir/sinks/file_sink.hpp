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
#pragma once
#include <string>
#include <string_view>
#include <utility>

#include <weir/base/error.hpp>
#include <weir/flow/chunk.hpp>
#include <weir/flow/sink.hpp>
#include <weir/sinks/staged_file.hpp>

namespace weir::detail {

// A kind of such sinks: its name, for errors too, and how the names of its files in folders end.
struct file_kind {
    std::string_view name;
    std::string_view ending;
};

// Throws weir::error of kind configuration if the path is empty, that of a device, or of a file that would be packed as
// none of the codecs does.
void check_file_path(const file_kind& kind, const std::string& path, const file_codecs& codecs);
// What a graph knows of the file: sinks of the same claim are refused. Paths are compared in one spelling: ./a//b.csv
// is a/b.csv.
[[nodiscard]] std::string file_claim(const file_kind& kind, const std::string& path, const std::string& upstream_name);
// The file a sink writes; makes its folder. Throws weir::error of kind configuration if another sink of the run writes
// the same file, however it is spelled, and of kind io if no file can be published there.
[[nodiscard]] std::string claim_file(const file_kind& kind, const std::string& path, const sink_site& site);
[[noreturn]] void refuse_file_snapshot(const file_kind& kind, const std::string& path);
// The error of a record that the encoder refuses, with the name of the sink.
[[noreturn]] void refuse_file_record(const file_kind& kind, const std::string& path, const error& problem);

// An encoder appends a record to a string; it may have a header.
template <class V, class Encoder>
class file_writer {
  public:
    file_writer(const file_kind& kind, std::string path, Encoder encoder, environment& where, const file_codecs& codecs)
        : kind_(kind), path_(std::move(path)), encoder_(std::move(encoder)), file_(where, kind.name, path_, codecs) {
        if constexpr (requires { encoder_.append_header(file_.pending); }) encoder_.append_header(file_.pending);
    }
    void take(const V& record, const stamp_view&) {
        try {
            encoder_.append(file_.pending, record);
        } catch (const error& problem) {
            refuse_file_record(kind_, path_, problem);
        }
        file_.write_full();
    }
    void flush() {}
    void prepare() { file_.prepare(); }
    void finish(bool complete) {
        if (complete) {
            file_.publish();
        } else {
            file_.discard();
        }
    }
    void save(binary_writer&) const { refuse_file_snapshot(kind_, path_); }
    void load(binary_reader&) { refuse_file_snapshot(kind_, path_); }

  private:
    file_kind kind_;
    std::string path_;
    Encoder encoder_;
    staged_file file_;
};

}  // namespace weir::detail

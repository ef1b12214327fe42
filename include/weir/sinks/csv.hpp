// SPDX-License-Identifier: Apache-2.0
// csv(path): a file with a header and a row per record, in turn. It appears under its name when the run is complete,
// whole, and replaces what was there (of a symbolic link, the link itself); a run that fails leaves nothing. A path
// that ends in '/' is a folder, made if it is missing, and not removed again: the file in it is called after the stage
// in front of the sink, or after the graph if that has no name.
//
// A path where no file can be published is refused when the run begins, as far as that is known then. The files of a
// run are all on the disk before the first gets its name, but names cannot be given to several at once: a crash between
// them, or an error that came up only then, leaves some files new and some old. The error says which are new.
//
// Columns are called after the fields of a described struct, else as the stage in front names them.
#pragma once
#include <memory>
#include <string>
#include <utility>

#include <weir/flow/chunk.hpp>
#include <weir/flow/sink.hpp>
#include <weir/record/csv_encoder.hpp>
#include <weir/sinks/staged_file.hpp>

namespace weir {
namespace detail {

// One spelling for one path, to compare: ./a//b.csv is a/b.csv.
[[nodiscard]] std::string clean_path(const std::string& path);
// The file a sink writes; makes its folder. Throws weir::error of kind configuration if another sink of the run writes
// the same file, however it is spelled, and of kind io if no file can be published there.
[[nodiscard]] std::string claim_csv_file(const std::string& path, const sink_site& site);
[[noreturn]] void refuse_csv_snapshot(const std::string& path);

template <class V>
class csv_writer {
  public:
    csv_writer(std::string path, csv_encoder<V> encoder, environment& where)
        : path_(std::move(path)), encoder_(std::move(encoder)), file_(where, path_) {
        encoder_.append_header(file_.pending);
    }
    void take(const V& record, const stamp_view&) {
        encoder_.append(file_.pending, record);
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
    void save(binary_writer&) const { refuse_csv_snapshot(path_); }
    void load(binary_reader&) { refuse_csv_snapshot(path_); }

  private:
    std::string path_;
    csv_encoder<V> encoder_;
    staged_file file_;
};

}  // namespace detail

class csv_sink : public sink_description {
  public:
    csv_sink(std::string path, csv_options options);
    [[nodiscard]] std::string kind() const { return "csv"; }
    [[nodiscard]] std::string detail() const { return path_; }
    [[nodiscard]] std::string claim(const std::string& upstream_name) const;

    template <csv_writable V> [[nodiscard]] auto open(const sink_site& site) const {
        std::vector<std::string> names;
        if (!described<V> && site.columns != nullptr) names = *site.columns;
        csv_encoder<V> encoder(options_, std::move(names));
        return std::make_unique<detail::csv_writer<V>>(detail::claim_csv_file(path_, site), std::move(encoder),
                                                       *site.run.environment);
    }

  private:
    std::string path_;
    csv_options options_;
};

// Only the separator of the options matters here. Throws weir::error of kind configuration if the path is empty.
[[nodiscard]] inline auto csv(std::string path, csv_options options = {}) {
    return csv_sink{std::move(path), options};
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
#include <weir/sinks/csv.hpp>

namespace weir {

csv_sink::csv_sink(std::string path, csv_options options, file_codecs codecs)
    : path_(std::move(path)), options_(options), codecs_(std::move(codecs)) {
    detail::check_file_path(detail::csv_file_kind, path_, codecs_);
    check_csv_options(options_);
}

}  // namespace weir

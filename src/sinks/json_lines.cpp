// SPDX-License-Identifier: Apache-2.0
#include <weir/sinks/json_lines.hpp>

namespace weir {

json_lines_sink::json_lines_sink(std::string path, const json_options& options, file_codecs codecs)
    : path_(std::move(path)), options_(options), codecs_(std::move(codecs)) {
    detail::check_file_path(detail::json_lines_kind, path_, codecs_);
    check_json_options(options_);
}

}  // namespace weir

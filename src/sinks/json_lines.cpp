// SPDX-License-Identifier: Apache-2.0
#include <weir/sinks/json_lines.hpp>

namespace weir {

json_lines_sink::json_lines_sink(std::string path, const json_options& options)
    : path_(std::move(path)), options_(options) {
    detail::check_file_path(detail::json_lines_kind, path_);
    check_json_options(options_);
}

}  // namespace weir

// SPDX-License-Identifier: Apache-2.0
#include <weir/sources/csv_tail.hpp>

#include <weir/base/file_codec.hpp>

namespace weir::detail {

void check_tail_path(const std::string& path, const std::string& source, const std::string& of_files) {
    if (path.empty()) throw error(error_kind::configuration, source + ": the path of the file is empty");
    if (codec_of_name(path, {}) != nullptr) {
        throw error(error_kind::configuration, source + ": '" + path + "' is packed, and no file that grows line by "
                                                                       "line: read it with " + of_files);
    }
    if (path.ends_with('/')) {
        throw error(error_kind::configuration, source + ": '" + path + "' is a folder: name the file that grows");
    }
}

}  // namespace weir::detail

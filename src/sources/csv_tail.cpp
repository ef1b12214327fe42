// SPDX-License-Identifier: Apache-2.0
#include <weir/sources/csv_tail.hpp>

namespace weir::detail {

void check_tail_path(const std::string& path, const std::string& source, const std::string& of_files) {
    if (path.empty()) throw error(error_kind::configuration, source + ": the path of the file is empty");
    if (path.ends_with(".gz")) {
        throw error(error_kind::configuration, source + ": '" + path + "' is packed, and no file that grows line by "
                                                                       "line: read it with " + of_files);
    }
    if (path.ends_with('/')) {
        throw error(error_kind::configuration, source + ": '" + path + "' is a folder: name the file that grows");
    }
}

}  // namespace weir::detail

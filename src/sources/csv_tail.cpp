// SPDX-License-Identifier: Apache-2.0
#include <weir/sources/csv_tail.hpp>

namespace weir::detail {

void check_tail_path(const std::string& path) {
    if (path.empty()) throw error(error_kind::configuration, "csv_tail: the path of the file is empty");
    if (path.ends_with(".gz")) {
        throw error(error_kind::configuration, "csv_tail: '" + path + "' is packed, and no file that grows line by "
                                                                      "line: read it with csv_files");
    }
    if (path.ends_with('/')) {
        throw error(error_kind::configuration, "csv_tail: '" + path + "' is a folder: name the file that grows");
    }
}

}  // namespace weir::detail

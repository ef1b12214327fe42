// SPDX-License-Identifier: Apache-2.0
#include <weir/sources/text_reader.hpp>

#include <algorithm>

namespace weir::detail {

void text_paths::check(std::string_view source, const file_codecs& codecs) const {
    if (paths.empty()) throw error(error_kind::configuration, std::string{source} + " needs at least one file");
    if (std::any_of(paths.begin(), paths.end(), [](const std::string& path) { return path.empty(); })) {
        throw error(error_kind::configuration, std::string{source} + ": the path of a file is empty");
    }
    for (const std::string& path : paths) check_readable(source, path, codecs);
}

std::vector<std::string> text_paths::find(environment& where, std::string_view source,
                                          const file_codecs& codecs) const {
    std::vector<std::string> found = is_pattern ? where.list(paths.front()) : paths;
    if (found.empty()) {
        throw error(error_kind::io, std::string{source} + ": no file matches '" + paths.front() + "'");
    }
    for (const std::string& path : found) check_readable(source, path, codecs);
    // What is missing is said now and not after hours of work; files are not kept open, there may be many.
    for (const std::string& path : found) static_cast<void>(where.open_input(path));
    return found;
}

std::string text_paths::text() const {
    constexpr std::size_t most = 3;
    std::string list;
    for (std::size_t i = 0; i < std::min(paths.size(), most); ++i) {
        if (i != 0) list += ", ";
        list += paths[i];
    }
    return paths.size() > most ? list + ", ... (" + std::to_string(paths.size()) + " files)" : list;
}

}  // namespace weir::detail

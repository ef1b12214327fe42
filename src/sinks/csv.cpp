// SPDX-License-Identifier: Apache-2.0
#include <weir/sinks/csv.hpp>

#include <filesystem>

#include <weir/base/error.hpp>

namespace weir {

csv_sink::csv_sink(std::string path, csv_options options) : path_(std::move(path)), options_(options) {
    if (path_.empty()) {
        throw error(error_kind::configuration, "csv needs the path of a file, or of a folder with a / at its end");
    }
    if (detail::clean_path(path_).starts_with("/dev/")) {
        throw error(error_kind::configuration, "csv: a file that is published whole would take the place of the device "
                                               "'" + path_ + "': use weir::for_each(function)");
    }
    check_csv_options(options_);
}

std::string csv_sink::claim(const std::string& upstream_name) const {
    const std::string path = detail::clean_path(path_);
    if (!path.ends_with('/')) return "the file '" + path + "'";
    if (upstream_name.empty()) return "the file of the graph's name in '" + path + "'";
    return "the file '" + path + upstream_name + ".csv'";
}

namespace detail {
namespace {

// Marks what csv sinks leave among a run's outputs: where their files will be.
constexpr char written_paths{};

std::string file_of(const std::string& path, const sink_site& site) {
    if (!path.ends_with('/')) return path;
    const std::string& name = site.upstream_name.empty() ? site.run.graph_name : site.upstream_name;
    if (name.empty() || name.find('/') != std::string::npos || name.find('\0') != std::string::npos) {
        throw error(error_kind::configuration, "csv: '" + name + "' is no name for a file in '" + path +
                                                   "': name the stage otherwise, or write the whole path");
    }
    return path + name + ".csv";
}

}  // namespace

std::string clean_path(const std::string& path) { return std::filesystem::path(path).lexically_normal().string(); }

std::string claim_csv_file(const std::string& path, const sink_site& site) {
    const std::string file = file_of(path, site);
    std::string target;
    try {
        if (path.ends_with('/')) site.run.environment->create_folder(path);
        target = site.run.environment->publish_target(file);
    } catch (const error& problem) {
        throw error(problem.kind(), "csv sink '" + file + "': " + problem.what());
    }
    for (const auto& [identity, value] : site.run.outputs->values) {
        if (identity == &written_paths && *static_cast<const std::string*>(value.get()) == target) {
            throw error(error_kind::configuration, "graph '" + site.run.graph_name + "' has two sinks for the file '" +
                                                       file + "': merge the streams, or write two files");
        }
    }
    site.run.outputs->values.emplace_back(&written_paths, std::make_shared<std::string>(std::move(target)));
    return file;
}

void refuse_csv_snapshot(const std::string& path) {
    throw error(error_kind::state, "csv sink '" + path +
                                       "': an unfinished file has no place in an in-memory snapshot: files belong to "
                                       "checkpoints. Snapshot a graph that ends in collect or for_each");
}

}  // namespace detail
}  // namespace weir

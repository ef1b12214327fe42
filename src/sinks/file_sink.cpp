// SPDX-License-Identifier: Apache-2.0
#include <weir/sinks/file_sink.hpp>

#include <filesystem>

#include <weir/sinks/staged_file.hpp>

namespace weir::detail {
namespace {

// Marks what these sinks leave among a run's outputs: where their files will be.
constexpr char written_paths{};

std::string clean_path(const std::string& path) { return std::filesystem::path(path).lexically_normal().string(); }

std::string file_of(const file_kind& kind, const std::string& path, const sink_site& site) {
    if (!path.ends_with('/')) return path;
    const std::string& name = site.upstream_name.empty() ? site.run.graph_name : site.upstream_name;
    if (name.empty() || name.find('/') != std::string::npos || name.find('\0') != std::string::npos) {
        throw error(error_kind::configuration, std::string{kind.name} + ": '" + name + "' is no name for a file in '" +
                                                   path + "': name the stage otherwise, or write the whole path");
    }
    return path + name + std::string{kind.ending};
}

}  // namespace

void check_file_path(const file_kind& kind, const std::string& path, const file_codecs& codecs) {
    const std::string name{kind.name};
    if (path.empty()) {
        throw error(error_kind::configuration, name + " needs the path of a file, or of a folder with a / at its end");
    }
    if (clean_path(path).starts_with("/dev/")) {
        throw error(error_kind::configuration, name + ": a file that is published whole would take the place of the "
                                                      "device '" + path + "': use weir::for_each(function)");
    }
    check_writable(name, path, codecs);
}

std::string file_claim(const file_kind& kind, const std::string& path, const std::string& upstream_name) {
    const std::string clean = clean_path(path);
    if (!clean.ends_with('/')) return "the file '" + clean + "'";
    if (upstream_name.empty()) {
        return "the file of the graph's name with " + std::string{kind.ending} + " in '" + clean + "'";
    }
    return "the file '" + clean + upstream_name + std::string{kind.ending} + "'";
}

std::string claim_file(const file_kind& kind, const std::string& path, const sink_site& site) {
    const std::string file = file_of(kind, path, site);
    std::string target;
    try {
        if (path.ends_with('/')) site.run.environment->create_folder(path);
        target = site.run.environment->publish_target(file);
    } catch (const error& problem) {
        throw error(problem.kind(), title_of_file(kind.name, file) + ": " + problem.what());
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

void refuse_file_snapshot(const file_kind& kind, const std::string& path) {
    throw error(error_kind::state, title_of_file(kind.name, path) +
                                       ": an unfinished file has no place in an in-memory snapshot: files belong to "
                                       "checkpoints. Snapshot a graph that ends in collect or for_each");
}

void check_file_state_version(const file_kind& kind, const std::string& path, std::uint8_t found, std::uint8_t known) {
    if (found == known) return;
    throw error(error_kind::state, title_of_file(kind.name, path) +
                                       ": the checkpoint knows it in a way that this version of weir does not");
}

void refuse_file_record(const file_kind& kind, const std::string& path, const error& problem) {
    throw error(problem.kind(), title_of_file(kind.name, path) + ": " + problem.what());
}

}  // namespace weir::detail

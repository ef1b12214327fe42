// SPDX-License-Identifier: Apache-2.0
// What kinds of sinks of files have in common: what is asked of their paths, and their errors.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include <weir/base/error.hpp>
#include <weir/base/file_codec.hpp>
#include <weir/flow/sink.hpp>

namespace weir::detail {

// A kind of such sinks: its name, for errors too, and how the names of its files in folders end.
struct file_kind {
    std::string_view name;
    std::string_view ending;
};

// Throws weir::error of kind configuration if the path is empty, that of a device, or of a file that would be packed as
// none of the codecs does.
void check_file_path(const file_kind& kind, const std::string& path, const file_codecs& codecs);
// What a graph knows of the file: sinks of the same claim are refused. Paths are compared in one spelling: ./a//b.csv
// is a/b.csv.
[[nodiscard]] std::string file_claim(const file_kind& kind, const std::string& path, const std::string& upstream_name);
// The file a sink writes; makes its folder. Throws weir::error of kind configuration if another sink of the run writes
// the same file, however it is spelled, and of kind io if no file can be published there.
[[nodiscard]] std::string claim_file(const file_kind& kind, const std::string& path, const sink_site& site);
[[noreturn]] void refuse_file_snapshot(const file_kind& kind, const std::string& path);
// Refuses what another version of weir saved of the sink.
void check_file_state_version(const file_kind& kind, const std::string& path, std::uint8_t found, std::uint8_t known);
// The error of a record that the encoder refuses, with the name of the sink.
[[noreturn]] void refuse_file_record(const file_kind& kind, const std::string& path, const error& problem);

}  // namespace weir::detail

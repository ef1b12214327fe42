// SPDX-License-Identifier: Apache-2.0
// Several files that become visible together, when the epoch that they belong to is decided.
//
// Each gets its final name by a link, which never replaces another file. Then, last, a commit record appears beside
// them: a reader who wants all files of an epoch or none looks for records, and reads the files that they list. Whoever
// follows the files alone needs no record: each of them is whole. But when the power went while they got their names,
// there may be gaps between them until the next run has recovered.
//
//   _committed-decisions-000007.csv.json, called after the last of its files:
//
//   {"epoch":12,"files":[{"name":"decisions-000006.csv","bytes":812,"crc32c":"0a1b2c3d"},
//                        {"name":"decisions-000007.csv","bytes":40,"crc32c":"98badcfe"}]}
//
// Of an epoch without files there is none. Of several sinks of a graph, records of one epoch belong together.
//
// A record is written always, not on request: after a crash it says whether the epoch had been made visible, even when
// a reader has moved its files away since. Without it that could not be known, and what is not known is refused: so
// readers may take files away, but not the newest record.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/environment.hpp>
#include <weir/sinks/staged_file.hpp>

namespace weir::detail {

struct committed_file {
    std::string path;  // the final one; until then lasting_name_beside it
    file_extent whole;
};

[[nodiscard]] std::string commit_record_path(const std::string& path_of_last_file);
[[nodiscard]] std::string commit_record_text(std::uint64_t epoch, const std::vector<committed_file>& files);

// Makes them visible, or as much of that as was not done before, by this run or an earlier one. There is at least one.
// Throws weir::error of kind io if another file has one of the names, and of kind state if one of the files is lost.
void publish_committed_files(environment& where, std::string_view kind, std::uint64_t epoch,
                             const std::vector<committed_file>& files);

}  // namespace weir::detail

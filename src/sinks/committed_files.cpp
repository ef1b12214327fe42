// SPDX-License-Identifier: Apache-2.0
#include <weir/sinks/committed_files.hpp>

#include <fmt/format.h>

#include <weir/base/crc32c.hpp>
#include <weir/base/planted_bug.hpp>
#include <weir/record/json_output.hpp>
#include <weir/record/utf8.hpp>

namespace weir::detail {
namespace {

std::string_view name_in(const std::string& path) { return std::string_view{path}.substr(path.rfind('/') + 1); }

template <class Visit> void for_each_block(environment& where, const std::string& path, Visit&& visit) {
    const auto file = where.open_input(path);
    std::string block(std::size_t{1} << 16U, '\0');
    while (const std::size_t count = file->read(block)) visit(std::string_view{block}.substr(0, count));
}

file_extent extent_of(environment& where, const std::string& path) {
    file_extent found;
    for_each_block(where, path, [&](std::string_view block) {
        found.bytes += block.size();
        found.crc32c = crc32c(block, found.crc32c);
    });
    return found;
}

[[noreturn]] void refuse_taken(std::string_view kind, const std::string& path) {
    throw error(error_kind::io, title_of_file(kind, path) +
                                    ": a file of another run has this name, and is not replaced: move it away, and "
                                    "run again: nothing is lost");
}

// The file has its final name, though perhaps not for ever yet.
void link_committed(environment& where, std::string_view kind, const committed_file& file) {
    const std::string staged = lasting_name_beside(file.path);
    std::optional<file_status> found;
    std::optional<file_status> final_one;
    bool same = false;
    as_error_of_file(kind, file.path, [&] {
        found = where.status_of(staged);
        same = found && found->size == file.whole.bytes && where.link(staged, file.path);
        if (same) return;
        final_one = where.status_of(file.path);
        if (!final_one) return;
        // Linked before, as its name says or its content.
        same = (found && final_one->identity == found->identity) ||
               (final_one->size == file.whole.bytes && extent_of(where, file.path) == file.whole);
    });
    if (same) return;
    if (found && found->size != file.whole.bytes) {
        refuse_lost_file(kind, file.path, fmt::format("it was complete, {} bytes, and '{}' has {}: somebody changed it",
                                                      file.whole.bytes, staged, found->size));
    }
    if (final_one) refuse_taken(kind, file.path);
    refuse_lost_file(kind, file.path,
                     fmt::format("it was complete, {} bytes, and is there no more, neither under its name nor as '{}' "
                                 "(put it back if somebody took it away)",
                                 file.whole.bytes, staged));
}

// Whether the epoch's record is there; one of another epoch, or of other files, must not be.
bool has_record(environment& where, std::string_view kind, const std::string& record, const std::string& text) {
    bool found = false;
    std::string there;
    as_error_of_file(kind, record, [&] {
        found = where.status_of(record).has_value();
        if (!found) return;
        for_each_block(where, record, [&](std::string_view block) {
            if (there.size() <= text.size()) there += block;
        });
    });
    if (found && there != text) refuse_taken(kind, record);
    return found;
}

void write_record(environment& where, std::string_view kind, const std::string& record, const std::string& text) {
    const std::string staged = lasting_name_beside(record);
    bool linked = false;
    as_error_of_file(kind, record, [&] {
        where.remove(staged);  // it may be the record itself, under a second name
        const auto file = where.create_output(staged);
        file->write(text);
        file->flush();
        file->sync();
        linked = where.link(staged, record);
    });
    if (!linked && !has_record(where, kind, record, text)) refuse_taken(kind, record);
    as_error_of_file(kind, record, [&] { where.sync_folder(folder_of(record)); });
}

// Names of files may hold bytes that JSON may not.
std::string text_of_name(std::string_view name) {
    if (is_utf8(name)) return std::string{name};
    std::string text;
    for (const char each : name) {
        if (static_cast<unsigned char>(each) < 0x80U) {
            text += each;
        } else {
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(each));
        }
    }
    return text;
}

}  // namespace

std::string commit_record_path(const std::string& path_of_last_file) {
    const std::string_view name = name_in(path_of_last_file);
    return fmt::format("{}_committed-{}.json", path_of_last_file.substr(0, path_of_last_file.size() - name.size()),
                       name);
}

std::string commit_record_text(std::uint64_t epoch, const std::vector<committed_file>& files) {
    std::string text = fmt::format("{{\"epoch\":{},\"files\":[", epoch);
    const char* before = "";
    for (const committed_file& each : files) {
        text += before;
        text += "{\"name\":";
        json_output name(text, false);
        name.put_text(text_of_name(name_in(each.path)));
        name.flush();
        text += fmt::format(",\"bytes\":{},\"crc32c\":\"{:08x}\"}}", each.whole.bytes, each.whole.crc32c);
        before = ",\n";
    }
    return text += "]}\n";
}

void publish_committed_files(environment& where, std::string_view kind, std::uint64_t epoch,
                             const std::vector<committed_file>& files) {
    const std::string record = commit_record_path(files.back().path);
    const std::string text = commit_record_text(epoch, files);
    if (has_record(where, kind, record, text)) {
        // Whoever wrote it may have come no further: it must be there for ever before the hidden names go.
        as_error_of_file(kind, record, [&] { where.sync_folder(folder_of(record)); });
    } else {
        if (planted(planted_bug::record_before_files)) write_record(where, kind, record, text);
        for (const committed_file& each : files) link_committed(where, kind, each);
        as_error_of_file(kind, record, [&] { where.sync_folder(folder_of(record)); });
        write_record(where, kind, record, text);
    }
    // From here on nothing depends on the hidden names; those that stay are found by the next run.
    for (const committed_file& each : files) {
        as_error_of_file(kind, each.path, [&] { where.remove(lasting_name_beside(each.path)); });
    }
    as_error_of_file(kind, record, [&] { where.remove(lasting_name_beside(record)); });
}

}  // namespace weir::detail

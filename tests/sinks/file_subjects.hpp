// SPDX-License-Identifier: Apache-2.0
// Sinks of files, as the contract of sinks is asked of them (sink_contract.hpp).
#pragma once
#include <charconv>
#include <stdexcept>

#include <boost/json.hpp>
#include <fmt/format.h>

#include <weir/base/crc32c.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sinks/csv_rolling.hpp>
#include <weir/sinks/json_lines.hpp>
#include <weir/sinks/json_lines_rolling.hpp>

#include "packed_files.hpp"
#include "sinks/sink_contract.hpp"

namespace file_subjects {

struct entry {
    std::uint64_t number = 0;
    std::string text;
    friend bool operator==(const entry&, const entry&) = default;
};
BOOST_DESCRIBE_STRUCT(entry, (), (number, text))

inline entry entry_of(std::uint64_t i) { return {i, std::string(i * 7 % 11, static_cast<char>('a' + i % 26))}; }

// The codecs that readers know.
inline weir::file_codecs& codecs() {
    static weir::file_codecs known{weir::detail::gzip_codec(), weir::detail::zstd_codec()};
    return known;
}
// What readers read from: the machine, unless a test has set another one.
struct readable {
    std::function<std::vector<std::string>(const std::string& folder)> names;
    std::function<std::string(const std::string& path)> bytes;
};
inline readable& reading() {
    static readable now{[](const std::string& folder) {
                            std::vector<std::string> names;
                            for (const auto& each : std::filesystem::directory_iterator(folder)) {
                                names.push_back(each.path().filename().string());
                            }
                            return names;
                        },
                        [](const std::string& path) {
                            std::ifstream file(path, std::ios::binary);
                            return std::string{std::istreambuf_iterator<char>(file), {}};
                        }};
    return now;
}
inline std::string bytes_of_file(const std::string& path) { return reading().bytes(path); }
inline std::string text_of_file(const std::string& path) {
    for (const auto& codec : codecs()) {
        if (path.ends_with(codec.ending)) return packed_files::unpack(codec, bytes_of_file(path));
    }
    return bytes_of_file(path);
}

// Whoever reads a file is not used to half a line.
inline entry entry_in(std::string_view line, bool json) {
    const auto behind = [&](std::string_view what) {
        const auto at = line.find(what);
        if (at == std::string_view::npos) throw sink_contract::broken{"no whole line: " + std::string{line}};
        line.remove_prefix(at + what.size());
    };
    entry found;
    if (json) behind("{\"number\":");
    const auto [stop, code] = std::from_chars(line.data(), line.data() + line.size(), found.number);
    if (code != std::errc{}) throw sink_contract::broken{"no whole line: " + std::string{line}};
    behind(",");
    if (json) {
        behind("\"text\":\"");
        if (!line.ends_with("\"}")) throw sink_contract::broken{"no whole line: " + std::string{line}};
        line.remove_suffix(2);
    }
    found.text = line;
    return found;
}
inline void append_entries(std::vector<entry>& found, std::string_view text, bool json) {
    if (!json) {
        constexpr std::string_view header = "number,text\n";
        if (!text.starts_with(header)) throw sink_contract::broken{"a file without its header"};
        text.remove_prefix(header.size());
    }
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) throw sink_contract::broken{"half a line"};
        found.push_back(entry_in(text.substr(0, end), json));
        text.remove_prefix(end + 1);
    }
}

inline bool is_record(const std::string& name) { return name.starts_with("_committed-"); }
inline std::vector<std::string> visible_names(const std::string& folder, bool records = false) {
    std::vector<std::string> names;
    for (const auto& name : reading().names(folder)) {
        if (!name.starts_with('.') && is_record(name) == records) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}
inline std::vector<entry> entries_in(const std::string& folder) {
    std::vector<entry> found;
    for (const auto& name : visible_names(folder)) {
        append_entries(found, text_of_file(folder + "/" + name), name.find(".jsonl") != std::string::npos);
    }
    return found;
}
// As a reader who goes by commit records does: all that one lists must be there.
inline std::vector<entry> entries_of_records(const std::string& folder) {
    std::vector<entry> found;
    std::int64_t before = 0;
    for (const auto& name : visible_names(folder, true)) {
        const auto record = boost::json::parse(bytes_of_file(folder + "/" + name));
        const std::int64_t epoch = record.at("epoch").to_number<std::int64_t>();
        if (epoch <= before) throw sink_contract::broken{name + " is of an epoch that is not behind the last one"};
        before = epoch;
        for (const auto& each : record.at("files").as_array()) {
            const std::string path = folder + "/" + std::string{each.at("name").as_string()};
            const std::string bytes = bytes_of_file(path);
            if (each.at("bytes").to_number<std::uint64_t>() != bytes.size() ||
                each.at("crc32c").as_string() != fmt::format("{:08x}", weir::crc32c(bytes))) {
                throw sink_contract::broken{path + " is not what " + name + " says"};
            }
            append_entries(found, text_of_file(path), path.find(".jsonl") != std::string::npos);
        }
    }
    return found;
}
inline std::map<std::string, std::string> texts_in(const std::string& folder) {
    std::map<std::string, std::string> found;
    for (const auto& name : visible_names(folder)) found[name] = text_of_file(folder + "/" + name);
    return found;
}

template <class Make> auto single(const std::string& name, const Make& make) {
    using sink = decltype(make(std::string{}));
    sink_contract::subject<entry, sink> what;
    what.name = name;
    what.sink = [name, make](const std::string& folder) { return make(folder + "/" + name); };
    what.record = entry_of;
    what.seen = entries_in;
    what.visible = [](std::size_t decided, bool ended) { return ended ? decided : 0; };
    what.contents = texts_in;
    return what;
}

// Files of at least so many bytes, naively: how many records are in those that are closed.
inline std::size_t in_closed_files_of(std::size_t limit, std::size_t decided, bool json) {
    std::size_t bytes = 0;
    std::size_t visible = 0;
    for (std::size_t i = 0; i < decided; ++i) {
        if (bytes >= limit) {
            visible = i;
            bytes = 0;
        }
        const std::size_t row = std::to_string(i).size() + entry_of(i).text.size();
        bytes += json ? row + std::string_view{R"({"number":,"text":""})"}.size() + 1
                      : row + 2 + (bytes == 0 ? std::string_view{"number,text\n"}.size() : 0);
    }
    return visible;
}
inline weir::timestamp second_of(std::uint64_t i) { return weir::timestamp{std::chrono::seconds{i}}; }

// Rolling files, by whatever `make` says; `visible` is that of a run that has not ended.
template <class Make, class Visible> auto rolling(const std::string& name, const Make& make, const Visible& visible) {
    auto what = single(name, make);
    what.records = 25;
    what.time = second_of;
    what.visible = [visible](std::size_t decided, bool ended) { return ended ? decided : visible(decided); };
    return what;
}
template <class Subject> Subject by_records(Subject what) {
    what.name += ", by records";
    what.seen = entries_of_records;
    what.all_or_nothing = true;
    return what;
}
// Which record is in which file depends on the epochs.
template <class Subject> Subject of_any_files(Subject what) {
    what.contents = nullptr;
    return what;
}

inline auto rolling_by_bytes(const std::string& name = "r-*.csv", const weir::roll_options& how = {.bytes = 60}) {
    return rolling(name, [how](const std::string& path) { return weir::csv_rolling(path, how); },
                   [how](std::size_t decided) { return in_closed_files_of(how.bytes, decided, false); });
}
inline auto rolling_by_time() {
    return rolling("*.jsonl", [](const std::string& path) {
        return weir::json_lines_rolling(path, {.event_time = std::chrono::seconds{7}});
    }, [](std::size_t decided) { return decided == 0 ? 0 : (decided - 1) / 7 * 7; });
}
inline auto rolling_by_epoch(const std::string& name = "by_epoch-*.csv", const weir::roll_options& how = {
                                                                             .every_epoch = true}) {
    return of_any_files(rolling(name, [how](const std::string& path) { return weir::csv_rolling(path, how); },
                                [](std::size_t decided) { return decided; }));
}

}  // namespace file_subjects

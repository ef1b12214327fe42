// SPDX-License-Identifier: Apache-2.0
// Sinks of files, as the contract of sinks is asked of them (sink_contract.hpp).
#pragma once
#include <charconv>
#include <stdexcept>

#include <weir/sinks/csv.hpp>
#include <weir/sinks/json_lines.hpp>

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

inline std::string text_of_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    for (const auto& codec : {weir::detail::gzip_codec(), weir::detail::zstd_codec()}) {
        if (path.ends_with(codec.ending)) return packed_files::unpack(codec, bytes);
    }
    return bytes;
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

inline std::vector<std::string> visible_names(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& each : std::filesystem::directory_iterator(folder)) {
        const std::string name = each.path().filename().string();
        if (!name.starts_with('.') && !name.starts_with('_')) names.push_back(name);
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

}  // namespace file_subjects

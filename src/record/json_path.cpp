// SPDX-License-Identifier: Apache-2.0
#include <weir/record/json_path.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace weir::detail {
namespace {

// Where the string that opens at `begin` ends: behind its closing quote.
std::size_t past_string(std::string_view json, std::size_t begin) {
    std::size_t end = begin + 1;
    while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
    return std::min(end + 1, json.size());
}

struct level {
    bool is_object;
    std::size_t index = 0;
    std::string_view key{};
    std::string_view text{};  // the last one: a key, if a colon follows
};

}  // namespace

std::string json_path_behind(std::string_view json) {
    std::vector<level> levels;
    for (std::size_t at = 0; at < json.size();) {
        const char each = json[at];
        std::size_t next = at + 1;
        if (each == '{' || each == '[') {
            levels.push_back({each == '{'});
        } else if (levels.empty()) {
        } else if (each == '}' || each == ']') {
            levels.pop_back();
        } else if (each == ',') {
            ++levels.back().index;
            levels.back().key = {};
        } else if (each == ':') {
            levels.back().key = levels.back().text;
        } else if (each == '"') {
            next = past_string(json, at);
            levels.back().text = json.substr(at + 1, next - at - 2);
        }
        at = next;
    }
    std::string path;
    for (const level& each : levels) {
        if (each.is_object && each.key.empty()) break;  // a key is about to come
        if (!path.empty()) path += '.';
        path += each.is_object ? std::string{each.key} : std::to_string(each.index);
    }
    return path;
}

}  // namespace weir::detail

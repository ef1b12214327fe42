// SPDX-License-Identifier: Apache-2.0
// The sources as text, for tests that read them and say where they break a rule. Every check lists all its offenders as
// `file:line: sentence`.
#pragma once
#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace source_tree {

namespace fs = std::filesystem;
using names = std::set<std::string, std::less<>>;

struct source_file {
    std::string path;                // from the top of the tree, with '/'
    std::vector<std::string> lines;  // as written
    std::vector<std::string> code;   // the same lines with comments and literals blanked
};

inline bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> heads) {
    return std::any_of(heads.begin(), heads.end(), [&](std::string_view head) { return text.starts_with(head); });
}

// Blanks comments, strings and characters; keeps line breaks, so that lines still count the same.
inline std::string blank_comments_and_literals(const std::string& text) {
    std::string out = text;
    const auto blank = [&](std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < std::min(to, out.size()); ++i) {
            if (out[i] != '\n') out[i] = ' ';
        }
    };
    const auto past = [&](std::string_view end, std::size_t from) {
        const auto found = text.find(end, from);
        return found == std::string::npos ? text.size() : found + end.size();
    };
    const auto quoted = [&](std::size_t from) {
        std::size_t i = from + 1;
        while (i < text.size() && text[i] != text[from] && text[i] != '\n') i += text[i] == '\\' ? 2 : 1;
        return i + 1;
    };
    for (std::size_t i = 0; i < text.size();) {
        const bool after_word = i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1])) != 0;
        std::size_t end = i + 1;
        if (text.compare(i, 2, "//") == 0) {
            end = past("\n", i);
        } else if (text.compare(i, 2, "/*") == 0) {
            end = past("*/", i + 2);
        } else if (text.compare(i, 2, "R\"") == 0 && !after_word) {
            const auto open = text.find('(', i);
            end = open == std::string::npos ? text.size() : past(")" + text.substr(i + 2, open - i - 2) + "\"", open);
        } else if (text[i] == '"' || (text[i] == '\'' && !after_word)) {  // after a digit, ' groups digits
            end = quoted(i);
        } else {
            i = end;
            continue;
        }
        blank(i, end);
        i = end;
    }
    return out;
}

inline std::vector<std::string> split_lines(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

inline bool is_cpp(const fs::path& path) { return path.extension() == ".hpp" || path.extension() == ".cpp"; }

inline std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline bool is_source(const fs::path& path) {
    static const names suffixes{".hpp", ".cpp", ".h", ".cc", ".cmake", ".in", ".sh", ".py"};
    static const names others{"CMakeLists.txt", ".clang-format", ".clang-tidy"};
    if (suffixes.contains(path.extension().string()) || others.contains(path.filename().string())) return true;
    return path.extension().empty() && read(path).starts_with("#!");
}

// Every source and script of the tree, once.
inline const std::vector<source_file>& tree() {
    static const auto files = [] {
        const fs::path top = WEIR_SOURCE_DIR;
        std::vector<source_file> found;
        for (auto it = fs::recursive_directory_iterator(top); it != fs::recursive_directory_iterator(); ++it) {
            const auto path = fs::relative(it->path(), top).generic_string();
            if (it->is_directory() && (path == ".git" || path == "out" || path.starts_with("build"))) {
                it.disable_recursion_pending();
            } else if (it->is_regular_file() && is_source(it->path())) {
                const auto text = read(it->path());
                const auto code = is_cpp(it->path()) ? blank_comments_and_literals(text) : text;
                found.push_back({path, split_lines(text), split_lines(code)});
            }
        }
        std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
        return found;
    }();
    return files;
}

// src/tools holds programs.
inline bool in_library(const source_file& file) {
    return starts_with_any(file.path, {"include/", "src/"}) && !file.path.starts_with("src/tools/");
}

// "include/weir/flow/stream.hpp" and "src/flow/stream.cpp" live in "flow"; the umbrella lives nowhere.
inline std::string room_of(std::string_view path) {
    for (const std::string_view head : {"include/weir/", "src/"}) {
        if (!path.starts_with(head)) continue;
        path.remove_prefix(head.size());
        const auto slash = path.find('/');
        return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
    }
    return "";
}

// What a line includes, without brackets or quotes; empty if it is no include line.
inline std::string included(std::string_view line) {
    const auto skip = [&] {
        while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    };
    skip();
    if (!line.starts_with('#')) return "";
    line.remove_prefix(1);
    skip();
    if (!line.starts_with("include")) return "";
    line.remove_prefix(7);
    skip();
    if (!line.starts_with('"') && !line.starts_with('<')) return "";
    const auto end = line.find_first_of("\">", 1);
    return end == std::string_view::npos ? "" : std::string(line.substr(1, end - 1));
}

inline bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Whether `line` has `token`, not as part of a longer word. A token may end in '(': blanks before it do not matter.
inline bool has_token(std::string_view line, std::string_view token) {
    const bool call = token.ends_with('(');
    if (call) token.remove_suffix(1);
    for (auto at = line.find(token); at != std::string_view::npos; at = line.find(token, at + 1)) {
        auto end = at + token.size();
        const bool starts = at == 0 || !is_word(line[at - 1]);
        const bool ends = end == line.size() || !is_word(line[end]);
        while (call && end < line.size() && line[end] == ' ') ++end;
        if (starts && ends && (!call || (end < line.size() && line[end] == '('))) return true;
    }
    return false;
}

class offenders {
  public:
    void add(const source_file& file, std::size_t line, const std::string& sentence) {
        text_ += file.path + ":" + std::to_string(line) + ": " + sentence + "\n";
    }
    void none() const {
        std::cerr << text_;  // Catch would break the lines
        CHECK(text_.empty());
    }

  private:
    std::string text_;
};

// Calls visit(file, line number, code of the line) for C++ files that `wanted` accepts.
template <class Wanted, class Visit>
void each_line(Wanted wanted, Visit visit) {
    for (const auto& file : tree()) {
        if (!is_cpp(file.path) || !wanted(file)) continue;
        for (std::size_t i = 0; i < file.code.size(); ++i) visit(file, i + 1, file.code[i]);
    }
}

inline void forbid(offenders& found, const source_file& file, std::size_t line, std::string_view code,
            std::initializer_list<std::string_view> tokens, const std::string& reason) {
    for (const auto token : tokens) {
        if (has_token(code, token)) found.add(file, line, std::string(token) + " " + reason);
    }
}

}  // namespace source_tree

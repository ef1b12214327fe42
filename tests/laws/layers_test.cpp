// SPDX-License-Identifier: Apache-2.0
// The rooms of the design, and the manners of the tree: reads the sources and says where they break a rule.
// Every check lists all its offenders as `file:line: sentence`.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
using names = std::set<std::string, std::less<>>;

// What each room may include beside itself. `testing` and the umbrella may use everything.
const std::map<std::string, names, std::less<>>& rooms() {
    static const auto table = [] {
        const names below_flow{"base", "time", "record"};
        const auto with = [](names low, const names& more) {
            low.insert(more.begin(), more.end());
            return low;
        };
        const names up_to_state = with(below_flow, {"flow", "state"});
        const names up_to_pattern = with(up_to_state, {"windows", "aggregates", "pattern"});
        const names below_runtime = with(up_to_pattern, {"operators", "sources", "sinks"});
        const names core = with(below_runtime, {"runtime"});
        std::map<std::string, names, std::less<>> map{
            {"base", {}},
            {"time", {"base"}},
            {"record", {"base", "time"}},
            {"flow", below_flow},
            {"state", with(below_flow, {"flow"})},
            {"windows", up_to_state},
            {"aggregates", up_to_state},
            {"pattern", up_to_state},
            {"operators", up_to_pattern},
            {"sources", up_to_state},
            {"sinks", up_to_state},
            {"runtime", below_runtime},
            {"testing", core},
        };
        for (const auto* add_on : {"kafka", "redis", "mqtt", "lake", "http", "metrics", "model", "rules", "serving"}) {
            map.emplace(add_on, core);
        }
        return map;
    }();
    return table;
}

struct source_file {
    std::string path;                // from the top of the tree, with '/'
    std::vector<std::string> lines;  // as written
    std::vector<std::string> code;   // the same lines with comments and literals blanked
};

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> heads) {
    return std::any_of(heads.begin(), heads.end(), [&](std::string_view head) { return text.starts_with(head); });
}

// Blanks comments, strings and characters; keeps line breaks, so that lines still count the same.
std::string blank_comments_and_literals(const std::string& text) {
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

std::vector<std::string> split_lines(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

bool is_cpp(const fs::path& path) { return path.extension() == ".hpp" || path.extension() == ".cpp"; }

std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

bool is_source(const fs::path& path) {
    static const names suffixes{".hpp", ".cpp", ".h", ".cc", ".cmake", ".in", ".sh", ".py"};
    static const names others{"CMakeLists.txt", ".clang-format", ".clang-tidy"};
    if (suffixes.contains(path.extension().string()) || others.contains(path.filename().string())) return true;
    return path.extension().empty() && read(path).starts_with("#!");
}

// Every source and script of the tree, once.
const std::vector<source_file>& tree() {
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

bool in_library(const source_file& file) { return starts_with_any(file.path, {"include/", "src/"}); }

// "include/weir/flow/stream.hpp" and "src/flow/stream.cpp" live in "flow"; the umbrella lives nowhere.
std::string room_of(std::string_view path) {
    for (const std::string_view head : {"include/weir/", "src/"}) {
        if (!path.starts_with(head)) continue;
        path.remove_prefix(head.size());
        const auto slash = path.find('/');
        return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
    }
    return "";
}

// What a line includes, without brackets or quotes; empty if it is no include line.
std::string included(std::string_view line) {
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

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Whether `line` has `token`, not as part of a longer word. A token may end in '(': blanks before it do not matter.
bool has_token(std::string_view line, std::string_view token) {
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

void forbid(offenders& found, const source_file& file, std::size_t line, std::string_view code,
            std::initializer_list<std::string_view> tokens, const std::string& reason) {
    for (const auto token : tokens) {
        if (has_token(code, token)) found.add(file, line, std::string(token) + " " + reason);
    }
}

// Headers of weir by the name they are included with.
std::map<std::string, const source_file*, std::less<>> headers() {
    std::map<std::string, const source_file*, std::less<>> map;
    for (const auto& file : tree()) {
        if (file.path.starts_with("include/") && is_cpp(file.path)) map.emplace(file.path.substr(8), &file);
    }
    return map;
}

}  // namespace

TEST_CASE("a room includes only the rooms below it", "[layers]") {
    offenders found;
    for (const auto& file : tree()) {
        if (!in_library(file) || !is_cpp(file.path) || file.path == "include/weir/weir.hpp") continue;
        const auto room = room_of(file.path);
        const auto known = rooms().find(room);
        if (known == rooms().end()) {
            found.add(file, 1, "'" + room + "' is no room of the design");
            continue;
        }
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const auto name = included(file.lines[i]);
            if (name.starts_with("..")) found.add(file, i + 1, "spell the include from weir/");
            if (!name.starts_with("weir/") || room == "testing") continue;
            const auto target = room_of("include/" + name);
            if (target.empty()) {
                found.add(file, i + 1, "a room does not include the umbrella");
            } else if (target != room && !known->second.contains(target)) {
                found.add(file, i + 1, "room " + room + " may not include room " + target);
            }
        }
    }
    found.none();
}

TEST_CASE("rooms of the table form no cycle", "[layers]") {
    // Each room reaches only rooms that do not reach back.
    for (const auto& [room, below] : rooms()) {
        for (const auto& lower : below) {
            CAPTURE(room, lower);
            CHECK(room != lower);
            REQUIRE(rooms().contains(lower));
            CHECK_FALSE(rooms().find(lower)->second.contains(room));
        }
    }
}

TEST_CASE("headers include each other in no cycle", "[layers]") {
    offenders found;
    const auto all = headers();
    enum class mark { open, done };
    std::map<std::string, mark, std::less<>> marks;
    const std::function<void(const std::string&)> visit = [&](const std::string& name) {
        marks[name] = mark::open;
        const auto& file = *all.find(name)->second;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const auto next = included(file.lines[i]);
            if (!all.contains(next)) continue;
            const auto seen = marks.find(next);
            if (seen == marks.end()) {
                visit(next);
            } else if (seen->second == mark::open) {
                found.add(file, i + 1, "closes a cycle of includes with " + next);
            }
        }
        marks[name] = mark::done;
    };
    for (const auto& [name, file] : all) {
        if (!marks.contains(name)) visit(name);
    }
    found.none();
}

TEST_CASE("no header that operators include brings in Asio", "[layers]") {
    offenders found;
    const auto all = headers();
    names seen;
    const std::function<void(const std::string&)> visit = [&](const std::string& name) {
        if (!all.contains(name) || !seen.insert(name).second) return;
        const auto& file = *all.find(name)->second;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const auto next = included(file.lines[i]);
            if (starts_with_any(next, {"boost/asio", "boost/beast"})) found.add(file, i + 1, next + " belongs in src/");
            visit(next);
        }
    };
    for (const auto& [name, file] : all) {
        if (starts_with_any(name, {"weir/operators/", "weir/flow/", "weir/windows/", "weir/aggregates/",
                                   "weir/pattern/", "weir/state/"})) {
            visit(name);
        }
    }
    found.none();
}

TEST_CASE("clocks, threads, randomness and files are reached through the environment", "[layers]") {
    offenders found;
    const auto outside = [](const source_file& file) {
        return in_library(file) && file.path != "include/weir/base/environment.hpp" &&
               !file.path.starts_with("src/base/environment");
    };
    each_line(outside, [&](const source_file& file, std::size_t line, std::string_view code) {
        forbid(found, file, line, code,
               {"steady_clock::now", "system_clock::now", "high_resolution_clock::now", "gettimeofday(",
                "clock_gettime(", "sleep_for", "sleep_until", "std::thread", "std::jthread", "std::async", "rand(",
                "srand(", "std::random_device", "fopen(", "std::ifstream", "std::ofstream", "std::fstream"},
               "belongs to the environment");
        // ::open of the global scope, not thing::open.
        for (auto at = code.find("::open"); at != std::string_view::npos; at = code.find("::open", at + 1)) {
            if ((at == 0 || (!is_word(code[at - 1]) && code[at - 1] != '>')) && has_token(code.substr(at), "::open(")) {
                found.add(file, line, "::open( belongs to the environment");
            }
        }
    });
    found.none();
}

TEST_CASE("the library prints nothing and never exits", "[layers]") {
    offenders found;
    each_line(in_library, [&](const source_file& file, std::size_t line, std::string_view code) {
        forbid(found, file, line, code,
               {"std::cout", "std::cerr", "std::clog", "printf(", "fprintf(", "vprintf(", "vfprintf(", "puts(",
                "fputs(", "putchar(", "perror(", "fmt::print(", "exit(", "quick_exit(", "_exit("},
               "has no place in a library");
    });
    found.none();
}

TEST_CASE("sources carry their licence, and stay short and narrow", "[layers]") {
    offenders found;
    for (const auto& file : tree()) {
        const auto head = std::min<std::size_t>(file.lines.size(), file.path.ends_with("hpp") ? 1 : 2);
        const bool licensed = std::any_of(
            file.lines.begin(), file.lines.begin() + static_cast<std::ptrdiff_t>(head), [](const std::string& line) {
                return line.find("SPDX-License-Identifier: Apache-2.0") != std::string::npos;
            });
        if (!licensed) found.add(file, 1, "the first line (after #!) is SPDX-License-Identifier: Apache-2.0");
        if (file.lines.size() > 600) found.add(file, 601, "no file is longer than 600 lines");
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const auto& line = file.lines[i];
            const auto characters = std::count_if(line.begin(), line.end(),
                                                  [](char c) { return (static_cast<unsigned>(c) & 0xC0U) != 0x80U; });
            if (characters > 120) found.add(file, i + 1, "no line is longer than 120 characters");
        }
    }
    found.none();
}

TEST_CASE("nothing is marked as unfinished", "[layers]") {
    offenders found;
    for (const auto& file : tree()) {
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            for (const auto* mark : {"TO"
                                     "DO",
                                     "FIX"
                                     "ME",
                                     "XX"
                                     "X",
                                     "HA"
                                     "CK"}) {
                if (has_token(file.lines[i], mark)) found.add(file, i + 1, std::string(mark) + ": finish it");
            }
        }
    }
    found.none();
}

TEST_CASE("files are named for what they mean", "[layers]") {
    offenders found;
    static const names vague{"util", "utils", "common", "manager", "managers", "helper", "helpers", "misc"};
    for (const auto& file : tree()) {
        std::string part;
        for (const char c : fs::path(file.path).stem().string() + "_") {
            if (c != '_' && c != '-') {
                part += c;
                continue;
            }
            if (vague.contains(part)) found.add(file, 1, "'" + part + "' does not say what is in the file");
            part.clear();
        }
    }
    found.none();
}

TEST_CASE("one operator, one file, one test, one name", "[layers]") {
    offenders found;
    for (const auto& [name, file] : headers()) {
        const auto room = room_of(file->path);
        if (!names{"operators", "aggregates", "windows", "sources", "sinks"}.contains(room)) continue;
        // A file that lives wholly in weir::detail serves public ones and is tested through them.
        if (std::find(file->code.begin(), file->code.end(), "namespace weir {") == file->code.end()) continue;
        const auto test = "tests/" + room + "/" + fs::path(name).stem().string() + "_test.cpp";
        if (!fs::exists(fs::path(WEIR_SOURCE_DIR) / test)) found.add(*file, 1, "has no " + test);
    }
    found.none();
}

TEST_CASE("the top of the tree holds what the layout names", "[layers]") {
    static const names expected{"CMakeLists.txt", "LICENSE", "README.md", "benchmarks", "cmake",
                                "examples",       "include", "out",       "src",        "tests"};
    std::string odd;
    for (const auto& entry : fs::directory_iterator(WEIR_SOURCE_DIR)) {
        const auto name = entry.path().filename().string();
        if (!expected.contains(name) && !name.starts_with('.') && !name.starts_with("build")) odd += name + " ";
    }
    CHECK(odd == "");
}

TEST_CASE("blanking keeps lines and removes what is not code", "[layers]") {
    CHECK(blank_comments_and_literals("a // rand(\nb") == "a         \nb");
    CHECK(blank_comments_and_literals("x = \"rand(\" + 'r';") == "x =         +    ;");
    CHECK(blank_comments_and_literals("1'000 /* a\nb */ c") == "1'000     \n     c");
    CHECK(has_token("  std::thread t;", "std::thread"));
    CHECK_FALSE(has_token("std::this_thread::get_id()", "std::thread"));
    CHECK(has_token("x = rand ();", "rand("));
    CHECK_FALSE(has_token("snprintf(buffer", "printf("));
    CHECK(included("#  include <weir/flow/stream.hpp>") == "weir/flow/stream.hpp");
    CHECK(room_of("src/base/environment.cpp") == "base");
}

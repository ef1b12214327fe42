// SPDX-License-Identifier: Apache-2.0
// The rooms of the design, and the manners of the tree: reads the sources and says where they break a rule.
#include <functional>
#include <map>

#include "laws/source_tree.hpp"

using namespace source_tree;

namespace {

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
        for (const auto* add_on :
             {"json", "lz4", "kafka", "redis", "mqtt", "lake", "http", "metrics", "model", "rules", "serving"}) {
            map.emplace(add_on, core);
        }
        return map;
    }();
    return table;
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

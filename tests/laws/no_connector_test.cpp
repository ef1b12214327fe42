// SPDX-License-Identifier: Apache-2.0
// Law 10: the core depends on no connector, and on no library beside those that the design names.
#include "laws/source_tree.hpp"

using namespace source_tree;

namespace {

// Rooms that are no core: each is a target of its own, with what it needs.
const names add_ons{"json", "lz4", "kafka", "redis", "mqtt", "lake", "http", "metrics", "model", "rules", "serving"};

// Beside the standard library's headers, which have neither dot nor slash.
bool allowed(const source_file& file, const std::string& include) {
    const bool quoted_beside = include.find('/') == std::string::npos && file.path.starts_with("src/") &&
                               fs::exists(fs::path(WEIR_SOURCE_DIR) / fs::path(file.path).parent_path() / include);
    if (include.starts_with("weir/") || quoted_beside) return true;
    if (include.find_first_of("./") == std::string::npos) return true;
    if (starts_with_any(include, {"boost/asio", "boost/lockfree/", "boost/container/", "boost/unordered/",
                                  "boost/describe/", "boost/json", "boost/iostreams/", "fmt/", "xsimd/"})) {
        return true;
    }
    // The system is the environment's.
    if (include == "sys/mman.h") return file.path == "src/base/slabs.cpp";  // asks for huge pages
    if (starts_with_any(include, {"unistd.h", "fcntl.h", "poll.h", "sys/", "fnmatch.h", "cpuid.h"})) {
        return file.path.starts_with("src/base/environment");
    }
    static const std::set<std::pair<std::string, std::string>> only_here{
        {"src/base/stable_hash.cpp", "xxhash.h"},
        {"src/record/schema.cpp", "xxhash.h"},
        {"src/aggregates/rounded_quotient.hpp", "boost/multiprecision/cpp_int.hpp"},
        {"src/base/gzip_codec.cpp", "zlib.h"},
        {"src/base/zstd_codec.cpp", "xxhash.h"},
        {"src/windows/calendar.cpp", "absl/time/civil_time.h"},
        {"src/windows/calendar.cpp", "absl/time/time.h"}};
    return only_here.contains({file.path, include});
}

}  // namespace

TEST_CASE("the core includes no library beside those of the design", "[laws]") {
    offenders found;
    for (const auto& file : tree()) {
        if (!in_library(file) || !is_cpp(file.path) || add_ons.contains(room_of(file.path))) continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const auto name = included(file.lines[i]);
            if (!name.empty() && !allowed(file, name)) found.add(file, i + 1, name + " is no part of the core");
        }
    }
    found.none();
}

TEST_CASE("the core includes no add-on", "[laws]") {
    offenders found;
    for (const auto& file : tree()) {
        if (!in_library(file) || add_ons.contains(room_of(file.path))) continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const auto room = room_of("include/" + included(file.lines[i]));
            if (add_ons.contains(room)) found.add(file, i + 1, "the core includes no " + room);
        }
    }
    found.none();
}

// SPDX-License-Identifier: Apache-2.0
// Law 5, the part of operators: whatever keeps something keeps the contract of flow/stage.hpp, so that a checkpoint has
// it. Every class that is a stage stands in the table below, with how its state is written; a new one that does not, or
// that lacks what its place asks of it, is found here.
#include <map>

#include "laws/source_tree.hpp"

using namespace source_tree;

namespace {

enum class written {
    by_key,      // an entry per key that has changed; checked by the property in `test`
    as_records,  // one image, with records of the user's in it
    as_image,    // one image of a few numbers
    by_derived   // what derives from it says
};
struct how_written {
    written how;
    std::string test{};
};

const std::map<std::string, how_written, std::less<>> stages{
    {"process_core", {written::by_key, "tests/operators/process_changes_test.cpp"}},
    {"rolling_stage", {written::by_key, "tests/operators/rolling_changes_test.cpp"}},
    {"window_stage", {written::by_key, "tests/operators/window_changes_test.cpp"}},
    {"sort_by_time_stage", {written::as_records}},
    {"join_by_origin_stage", {written::as_records}},
    {"attempt_stage", {written::as_image}},
    {"budgeted_map_stage", {written::as_image}},
    {"erased_stage", {written::as_image}},
    {"event_time_stage", {written::as_image}},
    {"merge_stage", {written::as_image}},
    {"reply_stage", {written::as_image}},
    {"sink_stage", {written::as_image}},
    {"source_stage", {written::as_image}},
    {"answering_stage", {written::by_derived}},
    {"sink_stage_base", {written::by_derived}},
    {"source_stage_base", {written::by_derived}},
};

// A class of the library that derives from a stage, with the lines from its head to the next one's.
struct found_stage {
    std::string name;
    const source_file* file;
    std::size_t line;
    std::string code;
};

// "class window_stage final : public stage {" makes "window_stage", if `known` has "stage".
std::string derived_from(const std::string& line, const names& known) {
    const auto colon = line.find(" : public ");
    const auto begin = line.find("class ");
    if (begin == std::string::npos || colon == std::string::npos || colon < begin) return {};
    std::istringstream base(line.substr(colon + 10));
    std::string word;
    std::getline(base, word, '{');
    while (!word.empty() && !is_word(word.back())) word.pop_back();
    if (const auto scope = word.rfind("::"); scope != std::string::npos) word = word.substr(scope + 2);
    if (!known.contains(word)) return {};
    std::istringstream words(line.substr(begin + 6));
    words >> word;
    return word;
}

std::vector<found_stage> find_stages() {
    std::vector<found_stage> found;
    names known{"stage"};
    for (std::size_t before = 0; before != known.size();) {  // bases may be read after what derives from them
        before = known.size();
        found.clear();
        for (const auto& file : tree()) {
            if (!in_library(file) || !is_cpp(file.path)) continue;
            found_stage* open = nullptr;
            for (std::size_t i = 0; i < file.code.size(); ++i) {
                const std::string name = derived_from(file.code[i], known);
                if (!name.empty()) {
                    known.insert(name);
                    open = &found.emplace_back(found_stage{name, &file, i + 1, {}});
                }
                if (open != nullptr) open->code += file.code[i] + "\n";
            }
        }
    }
    return found;
}

}  // namespace

TEST_CASE("every stage keeps the contract of state", "[laws]") {
    offenders missing;
    names seen;
    for (const found_stage& each : find_stages()) {
        seen.insert(each.name);
        const auto known = stages.find(each.name);
        if (known == stages.end()) {
            missing.add(*each.file, each.line, each.name + " is a stage: say in " __FILE__ " how its state is written");
            continue;
        }
        const auto require = [&](std::initializer_list<std::string_view> tokens) {
            for (const std::string_view token : tokens) {
                if (!has_token(each.code, token)) {
                    missing.add(*each.file, each.line, each.name + " lacks " + std::string(token) + "...)");
                }
            }
        };
        const written how = known->second.how;
        if (how == written::by_derived) continue;
        require({"save_shard(", "load_shard("});
        if (how == written::by_key || how == written::as_records) require({"why_not_storable(", "schema("});
        if (how == written::by_key) require({"keyed(", "track_changes(", "save_changes(", "load_entry("});
        if (how != written::by_key && has_token(each.code, "keyed(")) {
            missing.add(*each.file, each.line, each.name + " is keyed: its state is to be written by key");
        }
        const std::string& test = known->second.test;
        const auto is_test = [&](const source_file& file) { return file.path == test; };
        if (!test.empty() && std::none_of(tree().begin(), tree().end(), is_test)) {
            missing.add(*each.file, each.line, each.name + " is to be checked by " + test + ", which is missing");
        }
    }
    missing.none();
    for (const auto& [name, how] : stages) {
        INFO(name);
        CHECK(seen.contains(name));
    }
}

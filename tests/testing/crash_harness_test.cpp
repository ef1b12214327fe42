// SPDX-License-Identifier: Apache-2.0
// Crashes and faults at every operation find what is wrong with ways to commit that are nearly right, and nothing in
// the right one.
#include <algorithm>
#include <catch2/catch.hpp>
#include <weir/base/error.hpp>
#include <weir/base/stable_hash.hpp>

#include "crash/for_each_crash.hpp"
#include "crash/for_each_fault.hpp"

using namespace crash;

namespace {

// Epochs in files of a folder, the highest that is whole counts: as checkpoints are, with nothing in them.
enum class way {
    right,
    no_file_sync,
    no_folder_sync,
    no_parent_sync,
    rename_over,
    sync_tried_again,
    folder_sync_tried_again,
    in_place
};

// The last one writes after a crash.
constexpr std::string_view writers = "abc";

std::string content_of(std::uint64_t epoch, char writer) {
    std::string bytes(700 + 100 * epoch, writer);
    bytes += std::to_string(epoch);
    return bytes + std::to_string(weir::stable_hash(bytes));
}

template <class Sync> void sync_as(bool again, Sync&& sync) {
    try {
        sync();
    } catch (const weir::error&) {
        if (!again) throw;
        sync();
    }
}

// Whether it is this writer's epoch that counts.
bool commit(simulation& where, way how, std::uint64_t epoch, char writer) {
    const std::string final_name = "s/epoch-" + std::to_string(epoch);
    const std::string aside = how == way::in_place ? final_name : final_name + writer + ".tmp";
    const std::string bytes = content_of(epoch, writer);
    const auto file = where.create_output(aside);
    file->write(bytes.substr(0, 300));
    file->write(bytes.substr(300));
    if (how != way::no_file_sync) sync_as(how == way::sync_tried_again, [&] { file->sync(); });
    if (how == way::rename_over) {
        where.publish(aside, final_name);
    } else if (how != way::in_place) {
        if (!where.link(aside, final_name)) return false;
    }
    if (how != way::no_folder_sync) {
        sync_as(how == way::folder_sync_tried_again, [&] { where.sync_folder("s"); });
    }
    if (how != way::rename_over && how != way::in_place) where.remove(aside);
    return true;
}

using known = std::vector<std::string>;  // the content of each epoch that counts

// The highest epoch that is whole, 0 if there is none.
std::uint64_t newest(simulation& where, std::string& content) {
    if (!where.status_of("s")) return 0;
    std::uint64_t found = 0;
    for (const std::string& path : where.list("s/epoch-?")) {
        const std::uint64_t epoch = std::stoull(path.substr(8));
        const std::string& bytes = where.file(path);
        const std::string digits = std::to_string(epoch);
        const std::size_t body = 700 + 100 * epoch + digits.size();
        if (bytes.size() <= body || epoch < found) continue;
        if (bytes.substr(body) != std::to_string(weir::stable_hash(bytes.substr(0, body)))) continue;
        found = epoch;
        content = bytes;
    }
    return found;
}

void two_writers(simulation& where, way how, known& safe) {
    where.create_folder("s");
    if (how != way::no_parent_sync) where.sync_folder("");
    for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) {
        for (const char writer : {'a', 'b'}) {
            if (commit(where, how, epoch, writer)) safe.push_back(content_of(epoch, writer));
        }
    }
}

void check(simulation& found, const known& safe) {
    std::string content;
    const std::uint64_t epoch = newest(found, content);
    expect(epoch >= safe.size(), "epoch " + std::to_string(safe.size()) + " was safe, and " + std::to_string(epoch) +
                                     " is found");
    if (epoch != 0) {
        const bool whole = std::any_of(writers.begin(), writers.end(),
                                       [&](char writer) { return content == content_of(epoch, writer); });
        expect(whole, "a mixture is found");
    }
    if (epoch == safe.size() && epoch != 0) expect(content == safe.back(), "an epoch is another's");
    found.create_folder("s");
    found.sync_folder("");
    expect(commit(found, way::right, epoch + 1, 'c'), "nothing can be written any more");
    expect(newest(found, content) == epoch + 1, "what was written is not found");
}

// Something wrong is found by crashes, by faults.
std::pair<bool, bool> found_wrong(way how) {
    const auto scenario = [how](simulation& where, known& safe) { two_writers(where, how, safe); };
    crash_options crashes;
    crashes.print = false;
    fault_options faults;
    faults.print = false;
    return {for_each_crash<known>("two writers", scenario, check, crashes).wrong > 0,
            for_each_fault<known>("two writers", scenario, check, faults).wrong > 0};
}

}  // namespace

TEST_CASE("the right way to commit survives every crash", "[testing]") {
    crash_options options;
    options.policies = policies(30);
    options.second_crashes = 8;
    const outcome result = for_each_crash<known>(
        "two writers", [](simulation& where, known& safe) { two_writers(where, way::right, safe); }, check, options);
    INFO(text_of(result));
    CHECK(result.wrong == 0);
    CHECK(result.changes == 2 + 3 * 11);
    CHECK(result.states > 20'000);
}

TEST_CASE("the right way to commit survives every fault", "[testing]") {
    const outcome result = for_each_fault<known>(
        "two writers", [](simulation& where, known& safe) { two_writers(where, way::right, safe); }, check);
    INFO(text_of(result));
    CHECK(result.wrong == 0);
    CHECK(result.states > 500);
}

TEST_CASE("ways to commit that are nearly right are found out", "[testing]") {
    CHECK(found_wrong(way::no_file_sync).first);
    CHECK(found_wrong(way::no_folder_sync).first);
    CHECK(found_wrong(way::no_parent_sync).first);
    CHECK(found_wrong(way::rename_over).first);
    CHECK(found_wrong(way::in_place).first);
    CHECK(found_wrong(way::sync_tried_again) == std::pair{false, true});
    CHECK(found_wrong(way::folder_sync_tried_again) == std::pair{false, true});
    CHECK(found_wrong(way::right) == std::pair{false, false});
}

TEST_CASE("a state that is wrong is named, and looked at again alone", "[testing]") {
    crash_options options;
    options.print = false;
    const auto scenario = [](simulation& where, known& safe) { two_writers(where, way::no_file_sync, safe); };
    const outcome all = for_each_crash<known>("two writers", scenario, check, options);
    REQUIRE(all.failures.size() == 5);
    const std::string& first = all.failures.front();
    const std::size_t begin = first.find("WEIR_CRASH='") + 12;
    REQUIRE(::setenv("WEIR_CRASH", first.substr(begin, first.find('\'', begin) - begin).c_str(), 1) == 0);
    const outcome again = for_each_crash<known>("two writers", scenario, check, options);
    ::unsetenv("WEIR_CRASH");
    CHECK(again.states == 1);
    CHECK(again.failures == std::vector<std::string>{first});
    const outcome fragile = for_each_crash<known>(
        "fragile", [](simulation&, known&) { throw weir::error(weir::error_kind::io, "no"); }, check, options);
    CHECK_THAT(text_of(fragile), Catch::Contains("nothing disturbed it, and yet: no"));
}

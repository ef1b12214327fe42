// SPDX-License-Identifier: Apache-2.0
// weir-state, run on folders of checkpoints: what it prints, and how it ends.
#include <sys/wait.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <runtime/checkpoint_support.hpp>

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace checkpoint_test;
using Catch::Matchers::Contains;

namespace {

struct ending {
    int code = -1;
    std::string out;
    std::string said;
};

// A folder with two checkpoints, and a savepoint between them.
class checkpoints {
  public:
    checkpoints() {
        weir::checkpoint_store store(weir::machine(), {folder / "s", "spending graph"});
        write(store, {{{0, 0, ""}, "line 17"}, {{1, 5, "card"}, "old"}, {{1, 5, "gone"}, "x"}, {{1, 6, "same"}, "y"}},
              true);
        auto savepoint = three_stages();
        savepoint.savepoint = true;
        const std::string unreadable("\0\x01\xff", 3);
        write(store, {{{1, 5, "card"}, unreadable}, {{1, 5, "gone"}, std::nullopt}}, false, savepoint);
        auto ended = three_stages();
        ended.ended = true;
        write(store, {{{2, 0, "k\n"}, "\xc3\xa9 \"quoted\""}}, false, ended);
    }
    [[nodiscard]] ending run(const std::string& arguments, const std::string& out = "") const {
        const std::string command = std::string{WEIR_STATE} + " " + arguments + " >" +
                                    (out.empty() ? folder / "out" : out) + " 2>" + (folder / "err") + " </dev/null";
        const int status = std::system(command.c_str());
        REQUIRE(WIFEXITED(status));
        return {WEXITSTATUS(status), folder.read("out"), folder.read("err")};
    }
    [[nodiscard]] std::string path() const { return folder / "s"; }
    void damage(const std::string& name, std::size_t at) const {
        std::string bytes = folder.read("s/" + name);
        bytes.at(at) = static_cast<char>(bytes.at(at) ^ 4);
        folder.write("s/" + name, bytes);
    }
    temporary_folder folder;
};

std::vector<json::object> objects(const std::string& lines) {
    std::vector<json::object> found;
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) found.push_back(json::parse(line).as_object());
    return found;
}

std::size_t lines_of(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("weir-state lists checkpoints and stages", "[tools]") {
    const checkpoints made;
    const ending listed = made.run("list " + made.path());
    CHECK(listed.code == 0);
    CHECK(listed.said.empty());
    CHECK(lines_of(listed.out) == 4);
    CHECK_THAT(listed.out, Contains("2023-11-14T22:13:20Z") && Contains("spending graph") && Contains("savepoint") &&
                               Contains("checkpoint, at the end of the logs"));
    const ending stages = made.run("stages " + made.path());
    CHECK(stages.code == 0);
    CHECK(lines_of(stages.out) == 4);
    CHECK_THAT(stages.out, Contains("spending") && Contains("card:u64,sum:f64"));
    const ending one = made.run("stages " + made.path() + "/ --epoch 1 --stage spending");
    CHECK(one.code == 0);
    CHECK(lines_of(one.out) == 2);
    CHECK_THAT(one.out, Contains("12 B"));
}

TEST_CASE("weir-state prints state as JSON Lines", "[tools]") {
    const checkpoints made;
    const ending all = made.run("print " + made.path());
    CHECK(all.code == 0);
    const auto found = objects(all.out);
    REQUIRE(found.size() == 4);
    CHECK(found[0] == json::parse(R"({"stage":"source","instance":0,"shard":0,"key":"","value":"line 17"})"));
    CHECK(found[1] == json::parse(R"({"stage":"spending","instance":0,"shard":5,"key":"card","value_hex":"0001ff"})"));
    CHECK(found[3] ==
          json::parse(R"({"stage":"match","instance":1,"shard":0,"key_hex":"6b0a","value":"\u00e9 \"quoted\""})"));
    const auto older = objects(made.run("print " + made.path() + " --epoch 1 --stage spending --hex").out);
    REQUIRE(older.size() == 3);
    CHECK(older[2] == json::parse(R"({"stage":"spending","instance":0,"shard":6,
                                      "key_hex":"73616d65","value_hex":"79"})"));
}

TEST_CASE("weir-state tells two checkpoints apart", "[tools]") {
    const checkpoints made;
    const ending changes = made.run("diff " + made.path() + " 1 3");
    CHECK(changes.code == 1);
    CHECK(changes.said == "1 added, 1 removed, 1 changed\n");
    const auto found = objects(changes.out);
    REQUIRE(found.size() == 3);
    CHECK(found[0] == json::parse(R"({"change":"changed","stage":"spending","instance":0,"shard":5,"key":"card",
                                      "before":"old","after_hex":"0001ff"})"));
    CHECK(found[1] == json::parse(R"({"change":"removed","stage":"spending","instance":0,"shard":5,"key":"gone",
                                      "value":"x"})"));
    CHECK(found[2].at("change") == "added");
    const ending none = made.run("diff " + made.path() + " 2 3 --stage spending");
    CHECK(none.code == 0);
    CHECK(none.out.empty());
}

TEST_CASE("weir-state tells checkpoints apart whose stages are not the same", "[tools]") {
    const checkpoints made;
    {
        weir::checkpoint_store store(weir::machine(), {made.path(), "spending graph"});
        auto other = three_stages();
        std::swap(other.stages[0], other.stages[1]);
        other.stages[2].name = "renamed";
        write(store, {{{1, 0, ""}, "line 17"}, {{0, 6, "same"}, "z"}}, true, other);
    }
    const ending changes = made.run("diff " + made.path() + " 3 4");
    CHECK(changes.code == 1);
    std::vector<std::string> kinds;
    for (const auto& each : objects(changes.out)) kinds.emplace_back(each.at("change").as_string());
    CHECK(kinds == std::vector<std::string>{"removed", "changed", "stage removed", "stage added"});
}

TEST_CASE("weir-state verifies all there is", "[tools]") {
    const checkpoints made;
    const ending sound = made.run("verify " + made.path());
    CHECK(sound.code == 0);
    CHECK(sound.said.empty());
    CHECK_THAT(sound.out, Contains("3 checkpoints, 3 segments") && Contains("all sound"));
    std::string segment;
    for (const auto& each : fs::directory_iterator(made.path())) {
        const std::string name = each.path().filename().string();
        if (name.starts_with("segment-" + padded(2))) segment = name;
    }
    made.damage(segment, 80);
    const ending damaged = made.run("verify " + made.path());
    CHECK(damaged.code == 1);
    CHECK_THAT(damaged.said, Contains("weir-state: ") && Contains(segment) && Contains("CRC"));
    CHECK(lines_of(damaged.said) == 1);
    CHECK_THAT(damaged.out, Contains("checkpoint 3: damaged") && Contains("checkpoint 2: damaged") &&
                                Contains("checkpoint 1: sound") && Contains("there is damage"));
    const ending printed = made.run("print " + made.path());
    CHECK(printed.code == 2);
    CHECK_THAT(printed.said, Contains(segment));
    made.damage(manifest_of(3), 100);
    const ending listed = made.run("list " + made.path());
    CHECK(listed.code == 1);
    CHECK(lines_of(listed.out) == 3);
    CHECK_THAT(listed.said, Contains("checkpoint 3") && Contains(manifest_of(3)));
    CHECK(made.run("verify " + made.path()).code == 1);
}

TEST_CASE("weir-state looks while a job writes", "[tools]") {
    const checkpoints made;
    const weir::checkpoint_store store(weir::machine(), {made.path(), "spending graph"});
    CHECK(made.run("verify " + made.path()).code == 0);
}

TEST_CASE("weir-state refuses what it cannot do, with a sentence", "[tools]") {
    const checkpoints made;
    const auto refused = [&](const std::string& arguments, const std::string& part) {
        CAPTURE(arguments);
        const ending end = made.run(arguments);
        CHECK(end.code == 2);
        CHECK(end.out.empty());
        CHECK_THAT(end.said, Contains(part));
    };
    refused("list " + (made.folder / "none"), "none");
    refused("list " + made.folder.write("file", "x"), "file");
    fs::create_directory(made.folder / "empty");
    refused("list " + (made.folder / "empty"), "there are no checkpoints");
    refused("verify " + (made.folder / "empty"), "there are no checkpoints");
    refused("print " + made.path() + " --epoch 9", "no sound checkpoint 9");
    refused("print " + made.path() + " --epoch -1", "is no epoch");
    refused("print " + made.path() + " --stage nope", "no stage 'nope': it has 'source' 'spending' 'match'");
    refused("diff " + made.path() + " 1", "to is required");
    refused("diff " + made.path() + " 1 2 --stage nope", "no stage 'nope'");
    refused("", "subcommand");
    refused("look " + made.path(), "subcommand");
    CHECK(made.run("--help").code == 0);
    const ending full = made.run("print " + made.path(), "/dev/full");
    CHECK(full.code == 2);
    CHECK(full.said == "weir-state: the output could not be written\n");
}

// SPDX-License-Identifier: Apache-2.0
// Each rule of the simulated disk by itself. What a crash may leave, in general: simulated_disk_oracle_test.cpp.
#include <weir/testing/simulated_disk.hpp>

#include <catch2/catch.hpp>
#include <set>
#include <weir/base/error.hpp>
#include <weir/testing/simulation.hpp>

using namespace weir;
using namespace weir::testing;

namespace {

using names = std::vector<std::string>;

constexpr unsynced all_policies[] = {unsynced::lost,         unsynced::kept,          unsynced::names_kept,
                                     unsynced::lengths_kept, unsynced::contents_kept, unsynced::mixed};

// "-" if there is none.
std::string content(const simulated_disk& disk, const std::string& path) {
    const std::string* const found = disk.file(path);
    return found == nullptr ? "-" : *found;
}
std::string after(const simulated_disk& disk, unsynced what, const std::string& path) {
    return content(disk.after_power_loss({what, 1}), path);
}
void write(simulated_disk& disk, const std::string& path, std::string_view bytes) {
    disk.create_output(path)->write(bytes);
}
void write_synced(simulated_disk& disk, const std::string& path, std::string_view bytes) {
    const auto file = disk.create_output(path);
    file->write(bytes);
    file->sync();
}
// All that is found under this name, whatever the seed.
std::set<std::string> outcomes(const simulated_disk& disk, const std::string& path) {
    std::set<std::string> found;
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        found.insert(content(disk.after_power_loss({unsynced::mixed, seed}), path));
    }
    return found;
}

}  // namespace

TEST_CASE("a file is safe when it and its folder were synced, and not before", "[testing]") {
    simulated_disk disk;
    const auto file = disk.create_output("a");
    file->write("one");
    CHECK(after(disk, unsynced::lost, "a") == "-");
    CHECK(after(disk, unsynced::kept, "a") == "one");
    CHECK(after(disk, unsynced::names_kept, "a").empty());
    CHECK(after(disk, unsynced::lengths_kept, "a") == std::string(3, '\0'));
    CHECK(after(disk, unsynced::contents_kept, "a") == "-");
    file->sync();
    CHECK(after(disk, unsynced::lost, "a") == "-");
    CHECK(after(disk, unsynced::names_kept, "a") == "one");
    disk.sync_folder("");
    for (const unsynced what : all_policies) CHECK(after(disk, what, "a") == "one");
    file->write(" two");
    CHECK(after(disk, unsynced::lost, "a") == "one");
    CHECK(after(disk, unsynced::contents_kept, "a") == "one two");
    CHECK(after(disk, unsynced::lengths_kept, "a") == "one" + std::string(4, '\0'));
}

TEST_CASE("a folder's own name is safe when the folder it is in was synced", "[testing]") {
    simulated_disk disk;
    disk.create_folder("x/y");
    write_synced(disk, "x/y/a", "one");
    disk.sync_folder("x/y");
    CHECK(after(disk, unsynced::lost, "x/y/a") == "-");
    disk.sync_folder("");
    CHECK(after(disk, unsynced::lost, "x/y/a") == "-");
    disk.sync_folder("x");
    CHECK(after(disk, unsynced::lost, "x/y/a") == "one");
    CHECK_THROWS_WITH(disk.create_output("z/a"), "cannot create 'z/a': No such file or directory");
    CHECK_THROWS_WITH(disk.create_output("x/y/a/b"), "cannot create 'x/y/a/b': Not a directory");
    CHECK_THROWS_WITH(disk.create_folder("x/y/a"), "cannot create folder 'x/y/a': Not a directory");
    CHECK_THROWS_WITH(disk.open_input("x/y"), "cannot open 'x/y': Is a directory");
    CHECK_FALSE(disk.status_of("x/y")->plain);
    CHECK_FALSE(disk.status_of("/")->plain);
}

TEST_CASE("paths that lead to one file are one name", "[testing]") {
    simulated_disk disk;
    disk.create_folder("/x/y/");
    write(disk, "/x/./y//a", "one");
    CHECK(content(disk, "/x/y/../y/a") == "one");
    CHECK(content(disk, "x/y/a") == "-");
    CHECK(disk.list("/x/y/*") == names{"/x/y/a"});
    CHECK(disk.list("/x/*") == names{"/x/y"});
    CHECK(disk.files() == names{"/x/y/a"});
    CHECK(disk.publish_target("/x/./b") == "/x/b");
    CHECK_THROWS_WITH(disk.publish_target("/z/b"), Catch::Contains("No such file"));
    CHECK_THROWS_WITH(disk.list("/z/*"), Catch::Contains("No such file"));
    write(disk, "/x/.hidden", "");
    CHECK(disk.list("/x/*") == names{"/x/y"});
    CHECK(disk.list("/x/.h*") == names{"/x/.hidden"});
}

TEST_CASE("a rename that was not synced may have happened or not; publish syncs it", "[testing]") {
    simulated_disk disk;
    write_synced(disk, "a", "old");
    write_synced(disk, "b", "new");
    disk.sync_folder("");
    const std::uint64_t before = disk.changes();
    disk.crash_before(before + 1);
    CHECK_THROWS_AS(disk.publish("b", "a"), simulated_crash);
    CHECK(after(disk, unsynced::lost, "a") == "old");
    CHECK(after(disk, unsynced::lost, "b") == "new");
    CHECK(after(disk, unsynced::names_kept, "a") == "new");
    CHECK(after(disk, unsynced::names_kept, "b") == "-");
    std::set<std::pair<std::string, std::string>> found;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const auto later = disk.after_power_loss({unsynced::mixed, seed});
        found.emplace(content(later, "a"), content(later, "b"));
    }
    CHECK(found == std::set<std::pair<std::string, std::string>>{{"old", "new"}, {"new", "-"}});
    disk.reboot({unsynced::lost});
    disk.publish("b", "a");
    for (const unsynced what : all_policies) {
        CHECK(after(disk, what, "a") == "new");
        CHECK(after(disk, what, "b") == "-");
    }
    CHECK_THROWS_WITH(disk.publish("b", "a"), "cannot publish 'b': No such file or directory");
}

TEST_CASE("a file moved to another folder may be found in both and in none", "[testing]") {
    simulated_disk disk;
    disk.create_folder("x");
    write_synced(disk, "a", "one");
    disk.sync_folder("");
    disk.publish("a", "x/a");  // which syncs x
    CHECK(outcomes(disk, "a") == std::set<std::string>{"-", "one"});
    CHECK(after(disk, unsynced::lost, "x/a") == "one");
    disk.sync_folder("");
    CHECK(after(disk, unsynced::lost, "a") == "-");
    CHECK(after(disk, unsynced::lost, "x/a") == "one");
    disk.crash_before(disk.changes() + 1);
    CHECK_THROWS_AS(disk.publish("x/a", "b"), simulated_crash);
    std::set<std::pair<std::string, std::string>> found;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const auto later = disk.after_power_loss({unsynced::mixed, seed});
        found.emplace(content(later, "x/a"), content(later, "b"));
    }
    CHECK(found.size() == 4);
}

TEST_CASE("a link gives a second name and replaces nothing", "[testing]") {
    simulated_disk disk;
    write_synced(disk, "a", "one");
    write_synced(disk, "b", "two");
    disk.sync_folder("");
    CHECK_FALSE(disk.link("a", "b"));
    CHECK(content(disk, "b") == "two");
    CHECK(disk.link("a", "c"));
    CHECK(disk.status_of("a")->identity == disk.status_of("c")->identity);
    CHECK(after(disk, unsynced::lost, "c") == "-");
    disk.sync_folder("");
    disk.remove("a");
    CHECK(content(disk, "c") == "one");
    disk.create_output("c")->write("cut");  // the file itself, so under each of its names
    CHECK(after(disk, unsynced::lost, "a") == "one");
    CHECK(after(disk, unsynced::contents_kept, "a") == "cut");
    CHECK_THROWS_WITH(disk.link("z", "y"), "cannot name a file 'z': No such file or directory");
    disk.reboot({unsynced::lost});
    CHECK(disk.status_of("a")->identity == disk.status_of("c")->identity);
}

TEST_CASE("what is open stays what it was when its name goes", "[testing]") {
    simulated_disk disk;
    const auto written = disk.create_output("a");
    written->write("one");
    const auto read = disk.open_input("a");
    disk.remove("a");
    disk.remove("a");
    CHECK_FALSE(disk.status_of("a"));
    written->write(" two");
    char block[16];
    CHECK(read->read(block) == 7);
    write(disk, "a", "other");
    CHECK(read->status().size == 7);
    CHECK_FALSE(read->status().identity == disk.status_of("a")->identity);
}

TEST_CASE("a file is written on behind a size", "[testing]") {
    simulated_disk disk;
    write_synced(disk, "a", "one two");
    disk.sync_folder("");
    const auto file = disk.append_output("a", 4);
    file->write("three");
    CHECK(content(disk, "a") == "one three");
    CHECK(after(disk, unsynced::lost, "a") == "one two");
    CHECK(outcomes(disk, "a").contains("one threeo") == false);
    CHECK(outcomes(disk, "a").contains("one thr"));
    CHECK(outcomes(disk, "a").contains("one "));
    file->sync();
    CHECK(outcomes(disk, "a") == std::set<std::string>{"one three"});
    CHECK_THROWS_WITH(disk.append_output("a", 10), Catch::Contains("behind its first 10 bytes: it has 9"));
    CHECK_THROWS_WITH(disk.append_output("z", 0), "cannot open 'z': No such file or directory");
}

TEST_CASE("one holder has a lock, and a crash frees it", "[testing]") {
    simulated_disk disk;
    auto first = disk.lock_file("lock");
    REQUIRE(first != nullptr);
    CHECK(content(disk, "lock").empty());
    CHECK(disk.lock_file("lock") == nullptr);
    first.reset();
    first = disk.lock_file("lock");
    CHECK(first != nullptr);
    disk.reboot({unsynced::kept});
    CHECK(disk.lock_file("lock") != nullptr);
}

TEST_CASE("a write is torn at any byte and by sectors, and may be zeros", "[testing]") {
    simulated_disk disk;
    const auto file = disk.create_output("a");
    disk.sync_folder("");
    file->write("abc");
    CHECK(outcomes(disk, "a") == std::set<std::string>{"", "a", "ab", "abc", std::string(3, '\0')});
    file->sync();
    file->write(std::string(509 + 512 + 512, 'x'));
    const std::string tail(512, '\0');
    const auto found = outcomes(disk, "a");
    CHECK(found.contains("abc" + std::string(509, 'x') + tail + std::string(512, 'x')));
    CHECK(found.contains("abc" + std::string(509, '\0') + std::string(512, 'x')));
    CHECK(found.contains("abc" + std::string(509, '\0') + std::string(512, 'x') + tail));
    CHECK(found.contains("abc" + std::string(509 + 1024, '\0')));
    CHECK(found.contains("abc"));
}

TEST_CASE("a later write survives an earlier one, and a later name, too", "[testing]") {
    simulated_disk disk;
    const auto file = disk.create_output("a");
    disk.sync_folder("");
    file->write("ab");
    file->write("cd");
    CHECK(outcomes(disk, "a").contains(std::string(2, '\0') + "cd"));
    CHECK(outcomes(disk, "a").contains("ab"));
    file->sync();
    CHECK(disk.link("a", "b"));
    CHECK(disk.link("a", "c"));
    std::set<names> found;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        found.insert(disk.after_power_loss({unsynced::mixed, seed}).files());
    }
    CHECK(found == std::set<names>{{"a"}, {"a", "b"}, {"a", "c"}, {"a", "b", "c"}});
}

TEST_CASE("after a crash nothing works until the disk is found again", "[testing]") {
    simulation where(5);
    simulated_disk& disk = where.disk();
    const auto file = where.create_output("a");
    const auto read = where.open_input("a");
    auto lock = where.lock_file("lock");
    CHECK(disk.changes() == 2);
    disk.crash_before(3);
    file->write("one");
    CHECK_THROWS_AS(file->sync(), simulated_crash);
    CHECK(disk.crashed());
    CHECK(disk.changes() == 3);
    char block[4];
    const std::function<void()> refused[] = {
        [&] { file->write("x"); }, [&] { file->sync(); }, [&] { read->read(block); },
        [&] { static_cast<void>(read->status()); },
        [&] { static_cast<void>(where.open_input("a")); }, [&] { static_cast<void>(where.open_input("z")); },
        [&] { static_cast<void>(where.status_of("a")); }, [&] { static_cast<void>(where.create_output("b")); },
        [&] { static_cast<void>(where.list("*")); }, [&] { static_cast<void>(where.publish_target("b")); },
        [&] { where.publish("a", "b"); }, [&] { where.sync_folder(""); }, [&] { where.sync_folder("z"); },
        [&] { static_cast<void>(where.link("a", "b")); },
        [&] { static_cast<void>(where.append_output("a", 0)); },
        [&] { static_cast<void>(where.lock_file("lock")); }, [&] { where.remove("z"); },
        [&] { where.create_folder("c"); }};
    for (const auto& each : refused) CHECK_THROWS_AS(each(), simulated_crash);
    lock.reset();
    disk.reboot({unsynced::kept});
    CHECK_FALSE(disk.crashed());
    CHECK(where.file("a") == "one");
    CHECK_THROWS_AS(file->write("x"), simulated_crash);  // of a process that is gone
    CHECK_THROWS_AS(read->read(block), simulated_crash);
    where.create_output("b")->write("two");
    CHECK(disk.changes() == 5);
    const std::exception_ptr crash = std::make_exception_ptr(simulated_crash{});
    CHECK_FALSE([&] {
        try {
            std::rethrow_exception(crash);
        } catch (const std::exception&) {
            return true;
        } catch (...) {
            return false;
        }
    }());
}

TEST_CASE("a disk crashes as often as it is told to", "[testing]") {
    simulated_disk disk;
    disk.crash_before(3);
    disk.crash_before(1);
    disk.create_folder("x");
    CHECK_THROWS_AS(disk.create_folder("y"), simulated_crash);
    disk.reboot({unsynced::kept});
    write(disk, "a", "one");
    try {
        disk.sync_folder("");
        FAIL("it went on");
    } catch (const simulated_crash& crash) {
        CHECK(crash.change == 3);
    }
    disk.reboot({unsynced::kept});
    disk.sync_folder("");
    CHECK(disk.files() == names{"a"});
}

TEST_CASE("what changes nothing is no change", "[testing]") {
    simulated_disk disk;
    disk.create_folder("x/y");
    write_synced(disk, "x/a", "one");
    CHECK(disk.changes() == 5);
    disk.create_folder("x/y");
    disk.remove("z");
    CHECK_FALSE(disk.link("x/a", "x/a"));
    CHECK(disk.status_of("x/a")->size == 3);
    static_cast<void>(disk.append_output("x/a", 3));
    disk.create_output("x/b")->write("");
    CHECK(disk.changes() == 6);
    disk.publish("x/b", "x/c");
    CHECK(disk.changes() == 8);
}

TEST_CASE("each kind of fault hits what can fail so, once or for good", "[testing]") {
    simulated_disk disk;
    disk.put_file("in", "text");
    const auto file = disk.create_output("a");
    disk.fail({fault_kind::no_space, 1});
    file->write("one");
    disk.remove("in");  // needs no space
    CHECK_THROWS_WITH(file->write("two"), "cannot write 'a': No space left on device");
    file->write("three");
    CHECK(content(disk, "a") == "onethree");
    CHECK(disk.failures() == 1);
    disk.fail({fault_kind::io_error, 0, true});
    CHECK_THROWS_WITH(file->write("x"), "cannot write 'a': Input/output error");
    CHECK_THROWS_WITH(disk.remove("a"), "cannot remove 'a': Input/output error");
    CHECK_THROWS_WITH(disk.publish("a", "b"), "cannot publish 'b': Input/output error");
    CHECK_THROWS_WITH(disk.create_folder("x"), "cannot create folder 'x': Input/output error");
    CHECK_THROWS_WITH(disk.link("a", "b"), "cannot name a file 'b': Input/output error");
    CHECK_THROWS_WITH(disk.lock_file("lock"), "cannot open 'lock': Input/output error");
    CHECK_THROWS_WITH(static_cast<void>(disk.append_output("a", 1)), "cannot cut 'a': Input/output error");
    CHECK_THROWS_WITH(disk.create_output("b"), "cannot create 'b': Input/output error");
    CHECK_THROWS_WITH(disk.sync_folder(""), "cannot sync '': Input/output error");
    CHECK(content(disk, "a") == "onethree");
    CHECK(disk.files() == names{"a"});
    CHECK(disk.open_input("a") != nullptr);
    CHECK(disk.failures() == 10);
    disk.fail({fault_kind::short_write, 0, true});
    CHECK_THROWS_WITH(file->write("0123456789"), "cannot write 'a': No space left on device");
    CHECK(content(disk, "a").starts_with("onethree"));
    CHECK(content(disk, "a").size() < 18);
    file->sync();
    disk.fail({fault_kind::read_error, 2});
    const auto read = disk.open_input("a");
    char block[4];
    CHECK(read->read(block) == 4);
    try {
        read->read(block);
        FAIL("it reads");
    } catch (const error& problem) {
        CHECK(problem.kind() == error_kind::io);
        CHECK(problem.what() == std::string{"cannot read 'a': Input/output error"});
    }
    disk.fail({fault_kind::failed_though_done, 0});
    CHECK_THROWS_AS(static_cast<void>(disk.link("a", "b")), error);
    CHECK(disk.files() == names{"a", "b"});
    disk.fail({fault_kind::no_space, 0, true});
    CHECK_THROWS_AS(disk.create_output("c"), error);
    disk.heal();
    CHECK(disk.create_output("c") != nullptr);
}

TEST_CASE("a sync that failed lets go of what it was to bring to the disk", "[testing]") {
    simulated_disk disk;
    const auto file = disk.create_output("a");
    file->write("one ");
    file->sync();
    disk.sync_folder("");
    file->write("two ");
    disk.fail({fault_kind::io_error, 0});
    CHECK_THROWS_WITH(file->sync(), "cannot sync 'a': Input/output error");
    CHECK(content(disk, "a") == "one two ");  // read, it is there
    CHECK(outcomes(disk, "a").contains("one two "));
    file->sync();
    CHECK_FALSE(outcomes(disk, "a").contains("one two "));
    file->write("three");
    file->sync();
    CHECK(content(disk, "a") == "one two three");
    for (const unsynced what : {unsynced::lost, unsynced::mixed, unsynced::names_kept}) {
        CHECK(after(disk, what, "a") == "one " + std::string(4, '\0') + "three");
    }
    CHECK(after(disk, unsynced::kept, "a") == "one two three");
    // Written anew, elsewhere, it is safe.
    write_synced(disk, "b", content(disk, "a"));
    disk.fail({fault_kind::io_error, 0});
    CHECK_THROWS_WITH(disk.sync_folder(""), "cannot sync '': Input/output error");
    CHECK(outcomes(disk, "b") == std::set<std::string>{"-", "one two three"});
    disk.sync_folder("");
    CHECK(after(disk, unsynced::lost, "b") == "-");
    CHECK(disk.link("b", "c"));
    disk.sync_folder("");
    CHECK(after(disk, unsynced::lost, "c") == "one two three");
}

TEST_CASE("what a kill left in memory is still to be synced", "[testing]") {
    simulated_disk disk;
    write_synced(disk, "a", "one");
    disk.sync_folder("");
    const auto file = disk.append_output("a", 3);
    file->write(" two");
    disk.fail({fault_kind::io_error, 0});
    CHECK_THROWS_AS(file->sync(), error);
    file->write(" three");
    CHECK(disk.link("a", "b"));
    disk.create_folder("x");
    write(disk, "x/c", "four");
    disk.remove("a");
    const auto held = disk.lock_file("b");
    disk.reboot({unsynced::kept});
    CHECK(disk.files() == names{"b", "x/c"});
    CHECK(disk.lock_file("b") != nullptr);
    CHECK(content(disk, "b") == "one two three");
    const simulated_disk later = disk.after_power_loss({unsynced::lost});
    CHECK(later.files() == names{"a"});
    CHECK(content(later, "a") == "one");
    const std::string zeros(4, '\0');
    disk.append_output("b", 13)->sync();
    disk.sync_folder("");
    CHECK(after(disk, unsynced::lost, "a") == "-");
    CHECK(after(disk, unsynced::lost, "b") == "one" + zeros + " three");
    CHECK(after(disk, unsynced::lost, "x/c") == "-");
}

TEST_CASE("what another hand puts on a disk is safe", "[testing]") {
    simulated_disk disk;
    disk.put_file("x/y/a", "one");
    disk.append_to_file("x/y/a", " two");
    disk.append_to_file("b", "three");
    disk.overwrite_file("b", "four");
    CHECK(disk.changes() == 0);
    const simulated_disk later = disk.after_power_loss({unsynced::lost});
    CHECK(later.files() == names{"b", "x/y/a"});
    CHECK(content(later, "x/y/a") == "one two");
    CHECK(content(later, "b") == "four");
    CHECK(text_of(crash_policy{unsynced::mixed, 7}) == "mixed, seed 7");
}

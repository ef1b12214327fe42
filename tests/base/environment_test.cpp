// SPDX-License-Identifier: Apache-2.0
#include <weir/base/environment.hpp>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <weir/base/error.hpp>

namespace {

namespace fs = std::filesystem;

// A folder of its own, removed at the end.
class scratch_folder {
  public:
    scratch_folder() { weir::machine().create_folder(path("deeper")); }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder() { fs::remove_all(folder_); }
    [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }

  private:
    fs::path folder_ =
        fs::temp_directory_path() / ("weir_environment_test_" + std::to_string(weir::machine().random()));
};

void write(const std::string& path, std::string_view text) {
    const auto file = weir::machine().create_output(path);
    file->write(text.substr(0, text.size() / 2));
    file->write(text.substr(text.size() / 2));
    file->sync();
}
std::string read(const std::string& path, std::uint64_t from = 0) {
    const auto file = weir::machine().open_input(path);
    if (from != 0) file->seek(from);
    std::string text;
    std::array<char, 7> block{};
    while (const std::size_t count = file->read(block)) text.append(block.data(), count);
    return text;
}
bool fails_with(const std::string& part, const std::function<void()>& act) {
    try {
        act();
    } catch (const weir::error& thrown) {
        return thrown.kind() == weir::error_kind::io && std::string(thrown.what()).find(part) != std::string::npos;
    }
    return false;
}

// Counts its steps; throws at one of them, or never ends.
class counting_worker final : public weir::worker_base {
  public:
    counting_worker(int steps, bool throws) : left_(steps), throws_(throws) {}
    weir::step_result step() override {
        ++taken;
        if (left_ < 0) return weir::step_result::idle;
        if (left_-- > 0) return left_ % 3 == 0 ? weir::step_result::idle : weir::step_result::progressed;
        if (throws_) throw std::domain_error("from a worker");
        return weir::step_result::finished;
    }
    std::atomic<int> taken{0};

  private:
    int left_;
    bool throws_;
};

}  // namespace

TEST_CASE("the machine's clock does not go back, and its random numbers differ", "[base]") {
    auto before = weir::machine().ticks();
    for (int i = 0; i < 1000; ++i) {
        const auto now = weir::machine().ticks();
        REQUIRE(now >= before);
        before = now;
    }
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 100; ++i) seen.insert(weir::machine().random());
    CHECK(seen.size() == 100);
}

TEST_CASE("files are written, published, listed, read and removed", "[base]") {
    const scratch_folder folder;
    auto& where = weir::machine();
    write(folder.path("one.part"), "some text, longer than a block");
    where.publish(folder.path("one.part"), folder.path("one.csv"));
    CHECK_FALSE(fs::exists(folder.path("one.part")));
    CHECK(read(folder.path("one.csv")) == "some text, longer than a block");
    CHECK(read(folder.path("one.csv"), 5) == "text, longer than a block");
    write(folder.path("two.part"), "new");
    where.publish(folder.path("two.part"), folder.path("one.csv"));
    CHECK(read(folder.path("one.csv")) == "new");
    write(folder.path("Two.csv"), "");
    CHECK(read(folder.path("Two.csv")).empty());
    CHECK(where.list(folder.path("*.csv")) == std::vector{folder.path("Two.csv"), folder.path("one.csv")});
    CHECK(where.list(folder.path("o?e.csv")) == std::vector{folder.path("one.csv")});
    CHECK(where.list(folder.path("absent.csv")) == std::vector{folder.path("absent.csv")});
    CHECK(where.list(folder.path("*.none")).empty());
    where.remove(folder.path("one.csv"));
    where.remove(folder.path("one.csv"));  // what is gone is gone
    CHECK(fs::is_directory(folder.path("deeper")));
}

TEST_CASE("a file is known by what it is, not by its name", "[base]") {
    const scratch_folder folder;
    auto& where = weir::machine();
    CHECK_FALSE(where.status_of(folder.path("one")).has_value());
    write(folder.path("one"), "four");
    const auto one = where.status_of(folder.path("one"));
    REQUIRE(one.has_value());
    CHECK(one->size == 4);
    CHECK(one->plain);
    const auto open = where.open_input(folder.path("one"));
    fs::rename(folder.path("one"), folder.path("two"));
    write(folder.path("one"), "another");
    CHECK(where.status_of(folder.path("two"))->identity == one->identity);
    CHECK(open->status().identity == one->identity);
    CHECK(open->status().size == 4);
    CHECK_FALSE(where.status_of(folder.path("one"))->identity == one->identity);
    CHECK_FALSE(where.status_of(folder.path(""))->plain);
}

TEST_CASE("patterns know * and ? only", "[base]") {
    const scratch_folder folder;
    for (const char* name : {"[ab].csv", "a.csv", "b.csv", "x\\y.csv", ".hidden.csv"}) write(folder.path(name), "");
    const auto list = [&](const char* pattern) { return weir::machine().list(folder.path(pattern)); };
    CHECK(list("[ab].csv") == std::vector{folder.path("[ab].csv")});
    CHECK(list("[ab].*") == std::vector{folder.path("[ab].csv")});
    CHECK(list("x\\?.csv") == std::vector{folder.path("x\\y.csv")});
    CHECK(list("[*") == std::vector{folder.path("[ab].csv")});
    CHECK(list("*").size() == 5);  // "deeper" is one of them
}

TEST_CASE("what fails names the file and the reason", "[base]") {
    const scratch_folder folder;
    auto& where = weir::machine();
    const std::string absent = folder.path("absent");
    CHECK(
        fails_with("cannot open '" + absent + "': No such file", [&] { static_cast<void>(where.open_input(absent)); }));
    CHECK(fails_with(folder.path("deeper"), [&] { static_cast<void>(where.open_input(folder.path("deeper"))); }));
    CHECK(fails_with("cannot create", [&] { static_cast<void>(where.create_output(folder.path("no/such/file"))); }));
    CHECK(fails_with("cannot publish", [&] { where.publish(absent, folder.path("other")); }));
    CHECK(fails_with("cannot list", [&] { static_cast<void>(where.list(folder.path("no/such/*"))); }));
    CHECK(fails_with("cannot remove", [&] { where.remove(folder.path("deeper")); }));
}

TEST_CASE("a path to publish under has one spelling, or is refused", "[base]") {
    const scratch_folder folder;
    auto& where = weir::machine();
    fs::create_directory_symlink(folder.path("deeper"), folder.path("link"));
    write(folder.path("deeper/there"), "");
    const std::string there = (fs::canonical(folder.path("deeper")) / "there").string();
    CHECK(where.publish_target(folder.path("deeper/there")) == there);
    CHECK(where.publish_target(folder.path("link/./there")) == there);
    CHECK(where.publish_target(fs::relative(folder.path("link/../deeper/there")).string()) == there);
    CHECK(where.publish_target("new.csv") == (fs::current_path() / "new.csv").string());
    CHECK(fails_with("No such file", [&] { static_cast<void>(where.publish_target(folder.path("none/new"))); }));
    CHECK(fails_with("Is a directory", [&] { static_cast<void>(where.publish_target(folder.path("deeper"))); }));
    CHECK(fails_with("Is a directory", [&] { static_cast<void>(where.publish_target(folder.path("link"))); }));
    CHECK(fails_with("Not a directory",
                     [&] { static_cast<void>(where.publish_target(folder.path("deeper/there/new"))); }));
    CHECK(fails_with("too long",
                     [&] { static_cast<void>(where.publish_target(folder.path(std::string(256, 'x')))); }));
    CHECK(fails_with("a device or a pipe", [&] { static_cast<void>(where.publish_target("/dev/null")); }));
}

TEST_CASE("workers are stepped until each has finished", "[base]") {
    counting_worker first(5, false);
    counting_worker second(500, false);
    counting_worker third(0, false);
    const std::array<weir::worker_base*, 1> one{&first};
    weir::machine().drive(one);
    CHECK(first.taken == 6);
    const std::array<weir::worker_base*, 2> two{&second, &third};
    weir::machine().drive(two);
    CHECK(second.taken == 501);
    CHECK(third.taken == 1);
}

TEST_CASE("a worker that throws ends the run", "[base]") {
    counting_worker endless(-1, false);
    counting_worker failing(50, true);
    const std::array<weir::worker_base*, 2> both{&endless, &failing};
    CHECK_THROWS_AS(weir::machine().drive(both), std::domain_error);
    CHECK(failing.taken == 51);
}

namespace {

// How often of so many rounds it took longer than news take: then only the look from time to time has noticed.
class watched_rounds {
  public:
    explicit watched_rounds(const std::string& path)
        : happened_(weir::machine().make_signal()), watch_(weir::machine().watch(path, happened_)) {
        REQUIRE(watch_ != nullptr);
    }
    void after(const std::function<void()>& act) {
        // What is on its way of what was done before is none of this.
        std::uint64_t seen = happened_->count();
        for (bool quiet = false; !quiet; seen = happened_->count()) {
            happened_->wait(seen, std::chrono::milliseconds{5});
            quiet = happened_->count() == seen;
        }
        const auto began = weir::machine().ticks();
        act();
        while (happened_->count() == seen) happened_->wait(seen, std::chrono::seconds{10});
        if (weir::machine().ticks() - began > std::chrono::milliseconds{50}) ++slow;
    }
    int slow = 0;

  private:
    std::shared_ptr<weir::signal> happened_;
    std::unique_ptr<weir::background_work> watch_;
};

void append(const std::string& path, std::string_view text) {
    std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

}  // namespace

TEST_CASE("whoever watches a file hears soon of what happens to it", "[base]") {
    const scratch_folder folder;
    const std::string path = folder.path("live");
    watched_rounds watched(path);
    int rounds = 0;
    const auto after = [&](const std::function<void()>& act) {
        watched.after(act);
        ++rounds;
    };
    for (int i = 0; i < 10; ++i) {
        after([&] { append(path, "made"); });
        after([&] { append(path, "on"); });
        after([&] { fs::resize_file(path, 1); });
        after([&] { fs::rename(path, folder.path("old")); });
        after([&] { append(folder.path("old"), "still"); });
        after([&] { append(path, "another"); });
        after([&] { append(folder.path("old"), "still"); });
        append(folder.path("new"), "yet another");
        after([&] { fs::rename(folder.path("new"), path); });
        after([&] { append(path, "on"); });
        after([&] { fs::remove(path); });
        append(folder.path("deeper/target"), "linked");
        after([&] { fs::create_symlink(folder.path("deeper/target"), path); });
        after([&] { append(folder.path("deeper/target"), "on"); });
        after([&] { fs::remove(path); });
        fs::remove(folder.path("old"));
    }
    // Not all: a machine may have other things to do.
    INFO(watched.slow << " of " << rounds);
    CHECK(watched.slow < rounds / 3);
}

TEST_CASE("a file is watched also where its folder comes and goes, or not at all", "[base]") {
    const scratch_folder folder;
    const std::shared_ptr<weir::signal> happened = weir::machine().make_signal();
    CHECK(weir::machine().watch(folder.path("nowhere/live"), happened) == nullptr);
    watched_rounds watched(folder.path("deeper/live"));
    fs::rename(folder.path("deeper"), folder.path("elsewhere"));
    watched.after([&] { fs::create_directory(folder.path("deeper")); });
    watched.after([] {});  // by now the new folder is watched
    watched.slow = 0;
    for (int i = 0; i < 9; ++i) watched.after([&] { append(folder.path("deeper/live"), "on"); });
    CHECK(watched.slow < 4);
}

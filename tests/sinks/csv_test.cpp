// SPDX-License-Identifier: Apache-2.0
// Files as sinks: they appear whole, under their names, or not at all.
#include <catch2/catch.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/map.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/memory.hpp>

#include "temporary_folder.hpp"

namespace {

struct item {
    int id = 0;
    std::string note;
    std::optional<double> amount;
};
BOOST_DESCRIBE_STRUCT(item, (), (id, note, amount))

// A record that is not described but has columns, as results of an aggregate are.
struct result {
    int sum = 0;
    int count = 0;
};

std::vector<item> items(int count) {
    std::vector<item> made;
    for (int i = 0; i < count; ++i)
        made.push_back({i, i % 3 == 0 ? "a,\"b\"" : "c", i % 2 == 0 ? std::optional{i * 0.5} : std::nullopt});
    return made;
}

weir::graph writing(const std::string& path, int count = 3) {
    return weir::graph("things", weir::memory(items(count)) | weir::into(weir::csv(path)));
}

// The machine, but one operation on files fails, and what is visible is looked at before each publication.
class failing_environment final : public weir::environment {
  public:
    std::string failing;
    std::function<void()> before_publish = [] {};
    int published = 0;  // the second one is "a later publish"
    int synced = 0;

    std::chrono::nanoseconds ticks() override { return weir::machine().ticks(); }
    std::uint64_t random() override { return weir::machine().random(); }
    std::unique_ptr<weir::input_file> open_input(const std::string& path) override {
        return weir::machine().open_input(path);
    }
    std::unique_ptr<weir::output_file> create_output(const std::string& path) override {
        check("create");
        return std::make_unique<output>(*this, weir::machine().create_output(path));
    }
    std::vector<std::string> list(const std::string& pattern) override { return weir::machine().list(pattern); }
    std::string publish_target(const std::string& path) override { return weir::machine().publish_target(path); }
    void publish(const std::string& from, const std::string& to) override {
        before_publish();
        check("publish");
        if (published++ == 1) check("a later publish");
        weir::machine().publish(from, to);
    }
    void remove(const std::string& path) override { weir::machine().remove(path); }
    void create_folder(const std::string& path) override {
        check("create_folder");
        weir::machine().create_folder(path);
    }
    void drive(std::span<weir::worker_base* const> workers) override { weir::machine().drive(workers); }
    void check(const std::string& operation) const {
        if (operation == failing) throw weir::error(weir::error_kind::io, "the disk is full");
    }

  private:
    class output final : public weir::output_file {
      public:
        output(failing_environment& owner, std::unique_ptr<weir::output_file> file)
            : owner_(owner), file_(std::move(file)) {}
        void write(std::string_view bytes) override {
            owner_.check("write");
            file_->write(bytes);
        }
        void sync() override {
            owner_.check("sync");
            if (owner_.synced++ == 1) owner_.check("a later sync");
            file_->sync();
        }

      private:
        failing_environment& owner_;
        std::unique_ptr<weir::output_file> file_;
    };
};

}  // namespace

template <> struct weir::csv_row<result> {
    static void names(std::vector<std::string>& out, std::string_view) { out.insert(out.end(), {"r0", "r1"}); }
    static void append(std::string& out, const result& value, char separator) {
        append_csv_parts(out, separator, value.sum, value.count);
    }
};

TEST_CASE("a file has a header and a row per record, the same in all modes") {
    const temporary_folder folder;
    const auto what = writing(folder / "out.csv");
    const std::string expected = "id,note,amount\n0,\"a,\"\"b\"\"\",0\n1,c,\n2,c,1\n";
    const auto check = [&](const auto& runner) {
        const auto report = weir::run(what, runner);
        CHECK(report.balanced());
        CHECK(folder.names() == std::vector<std::string>{"out.csv"});
        CHECK(folder.read("out.csv") == expected);
    };
    check(weir::event_loop{});
    check(weir::micro_batch{.max_records = 2});
    check(weir::batch{});
    check(weir::batch{.threads = 2, .chunk = 1});
    check(weir::available_now{});
}

TEST_CASE("a file without records has its header") {
    const temporary_folder folder;
    weir::run(writing(folder / "out.csv", 0), weir::batch{});
    CHECK(folder.read("out.csv") == "id,note,amount\n");
}

TEST_CASE("large files are written block by block") {
    const temporary_folder folder;
    weir::run(writing(folder / "out.csv", 100'000), weir::batch{});
    const auto text = folder.read("out.csv");
    CHECK(std::count(text.begin(), text.end(), '\n') == 100'001);
    CHECK(text.ends_with("99999,\"a,\"\"b\"\"\",\n"));
}

TEST_CASE("options and columns") {
    const temporary_folder folder;
    weir::run(weir::graph("g", weir::memory(items(2)) | weir::into(weir::csv(folder / "a.csv", {.separator = ';'}))),
              weir::batch{});
    CHECK(folder.read("a.csv") == "id;note;amount\n0;\"a,\"\"b\"\"\";0\n1;c;\n");

    const auto log = weir::memory<result>({{7, 2}});
    weir::run(weir::graph("g", log | weir::into(weir::csv(folder / "b.csv"))), weir::batch{});
    CHECK(folder.read("b.csv") == "r0,r1\n7,2\n");
    const auto columns = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"sum", "count"});
    const weir::any_stream<result, weir::in_turn, weir::timing::log> named{log.from(), 0, {}, columns};
    weir::run(weir::graph("g", named | weir::into(weir::csv(folder / "c.csv"))), weir::batch{});
    CHECK(folder.read("c.csv") == "sum,count\n7,2\n");
    static_assert(weir::csv_writable<item> && weir::csv_writable<result> && weir::csv_writable<int>);
    static_assert(!weir::csv_writable<std::unique_ptr<int>> && !weir::csv_writable<std::optional<std::vector<int>>>);
}

TEST_CASE("a folder's file is called after the stage in front, or after the graph") {
    const temporary_folder folder;
    weir::run(writing(folder / "cold/deep/"), weir::batch{});
    CHECK(folder.read("cold/deep/things.csv").starts_with("id,note"));
    const auto time = [](const item& each) { return weir::timestamp{std::chrono::seconds{each.id}}; };
    const auto late = weir::out_of_order(std::chrono::seconds{0});
    const auto stage = [&](const char* name) {
        return weir::memory(items(2)) | weir::named(name, weir::event_time(time, late));
    };
    weir::run(weir::graph("things", stage("first") | weir::into(weir::csv(folder / "cold/")),
                          stage("second") | weir::into(weir::csv(folder / "cold/"))),
              weir::batch{});
    CHECK(folder.names() == std::vector<std::string>{"cold"});
    CHECK(std::filesystem::exists(folder / "cold/first.csv"));
    CHECK(std::filesystem::exists(folder / "cold/second.csv"));
    CHECK_THROWS_WITH(
        weir::run(weir::graph("things", stage("a/b") | weir::into(weir::csv(folder / "cold/"))), weir::batch{}),
        Catch::Contains("'a/b' is no name for a file"));
    // Only the run knows that both are one file.
    CHECK_THROWS_WITH(weir::run(weir::graph("first", stage("first") | weir::into(weir::csv(folder / "new/")),
                                            weir::memory(items(2)) | weir::into(weir::csv(folder / "new/"))),
                                weir::batch{}),
                      Catch::Contains("two sinks for the file '" + folder / "new/first.csv'"));
    CHECK_FALSE(std::filesystem::exists(folder / "new/first.csv"));
}

TEST_CASE("two sinks on one file are refused, however it is spelled") {
    const auto source = weir::memory(items(1));
    CHECK_THROWS_WITH(
        weir::graph("g", source | weir::into(weir::csv("a/out.csv")), source | weir::into(weir::csv("a/./out.csv"))),
        "graph 'g' has two sinks for the file 'a/out.csv': merge the streams, or write two files");
    CHECK_THROWS_AS(weir::graph("g", source | weir::into(weir::csv("a/")), source | weir::into(weir::csv("a//"))),
                    weir::error);
    CHECK_THROWS_WITH(weir::csv(""), Catch::Contains("csv needs the path of a file"));
    CHECK_THROWS_WITH(weir::csv("/dev/null"), Catch::Contains("'/dev/null'"));
    CHECK_THROWS_AS(weir::csv("x.csv", {.separator = 'x'}), weir::error);
}

TEST_CASE("two sinks on one file are refused by the run where only the machine knows that they are") {
    const temporary_folder folder;
    std::filesystem::create_directory(folder / "real");
    std::filesystem::create_directory_symlink(folder / "real", folder / "link");
    const auto source = weir::memory(items(1));
    const auto refuse = [&](const std::string& one, const std::string& other) {
        const weir::graph both("g", source | weir::into(weir::csv(one)), source | weir::into(weir::csv(other)));
        CHECK_THROWS_WITH(weir::run(both, weir::batch{}), "graph 'g' has two sinks for the file '" + other +
                                                              "': merge the streams, or write two files");
        CHECK(std::filesystem::is_empty(folder / "real"));
    };
    refuse(folder / "real/out.csv", folder / "link/out.csv");
    refuse(std::filesystem::relative(folder / "real/out.csv").string(), folder / "real/out.csv");
    weir::run(weir::graph("g", source | weir::into(weir::csv(folder / "real/a.csv")),
                          source | weir::into(weir::csv(folder / "link/b.csv"))),
              weir::batch{});
    CHECK(std::filesystem::exists(folder / "real/b.csv"));
}

TEST_CASE("a link is replaced by the file, and what it names stays") {
    const temporary_folder folder;
    folder.write("named.csv", "before");
    std::filesystem::create_symlink(folder / "named.csv", folder / "out.csv");
    weir::run(writing(folder / "out.csv"), weir::batch{});
    CHECK_FALSE(std::filesystem::is_symlink(folder / "out.csv"));
    CHECK(folder.read("named.csv") == "before");
}

TEST_CASE("where no file can be published is said before a record is read") {
    const temporary_folder folder;
    std::filesystem::create_directory(folder / "a.csv");
    const std::string too_long = folder / (std::string(250, 'x') + ".late.csv");
    int read = 0;
    const auto count = [&read](item each) {
        ++read;
        return each;
    };
    const auto refuse = [&](const std::string& path, const std::string& sentence) {
        const weir::graph both("g", weir::memory(items(5)) | weir::into(weir::csv(folder / "fine.csv")),
                               weir::memory(items(5)) | weir::map(count) | weir::into(weir::csv(path)));
        CHECK_THROWS_WITH(weir::run(both, weir::batch{}), Catch::Contains("csv sink '" + path + "'") &&
                                                              Catch::Contains(sentence));
        CHECK(read == 0);
        CHECK(folder.names() == std::vector<std::string>{"a.csv"});
    };
    refuse(folder / "a.csv", "Is a directory");
    refuse(folder / "none/out.csv", "No such file or directory");
    refuse(too_long, "File name too long");
}

TEST_CASE("no file of a run is visible before all are on the disk") {
    const temporary_folder folder;
    const auto source = weir::memory(items(50'000));
    const weir::graph both("g", source | weir::into(weir::csv(folder / "a.csv")),
                           source | weir::named("second", weir::into(weir::csv(folder / "b.csv"))));
    for (const std::string operation : {"write", "sync", "publish"}) {
        failing_environment where;
        where.failing = operation;
        CHECK_THROWS_WITH(weir::run(both, weir::batch{}, where), Catch::EndsWith("the disk is full"));
        CHECK(folder.names().empty());
    }
    failing_environment where;
    where.failing = "a later sync";
    CHECK_THROWS_WITH(weir::run(both, weir::batch{}, where), "csv sink '" + folder / "b.csv" + "': the disk is full");
    CHECK(folder.names().empty());
    where.failing = "a later publish";
    CHECK_THROWS_WITH(weir::run(both, weir::batch{}, where),
                      "csv sink '" + folder / "b.csv" + "': the disk is full; what this run had published before "
                      "stays, whole: #1 csv (" + folder / "a.csv" + ")");
    CHECK(folder.names() == std::vector<std::string>{"a.csv"});
}

TEST_CASE("a run that fails leaves what was there") {
    const temporary_folder folder;
    folder.write("out.csv", "before");
    const auto fails = [](item each) {
        if (each.id == 2) throw std::runtime_error("no twos here");
        return each;
    };
    const weir::graph what("g",
                           weir::memory(items(5000)) | weir::map(fails) | weir::into(weir::csv(folder / "out.csv")));
    const auto check = [&](const auto& runner) {
        CHECK_THROWS_WITH(weir::run(what, runner), "no twos here");
        CHECK(folder.names() == std::vector<std::string>{"out.csv"});
        CHECK(folder.read("out.csv") == "before");
    };
    check(weir::event_loop{});
    check(weir::batch{});
    check(weir::batch{.threads = 2});
}

TEST_CASE("a run that fails before it begins leaves nothing") {
    const temporary_folder folder;
    const auto what = writing(folder / "none/out.csv");
    CHECK_THROWS_WITH(weir::run(what, weir::batch{}), Catch::Contains("csv sink '" + folder / "none/out.csv'"));
    CHECK(folder.names().empty());
}

TEST_CASE("nothing is visible before the end, and errors of the disk name the file") {
    const temporary_folder folder;
    failing_environment where;
    std::vector<std::string> visible;
    where.before_publish = [&] { visible = weir::machine().list(folder / "*"); };
    weir::run(writing(folder / "out.csv", 50'000), weir::batch{}, where);
    CHECK(visible.empty());
    CHECK(folder.names() == std::vector<std::string>{"out.csv"});
    std::filesystem::remove(folder / "out.csv");
    for (const std::string operation : {"create", "write", "sync", "publish"}) {
        where.failing = operation;
        CHECK_THROWS_WITH(weir::run(writing(folder / "out.csv", 50'000), weir::batch{}, where),
                          "csv sink '" + folder / "out.csv" + "': the disk is full");
        CHECK(folder.names().empty());
    }
    where.failing = "create_folder";
    CHECK_THROWS_WITH(weir::run(writing(folder / "new/"), weir::batch{}, where),
                      Catch::Contains(folder / "new/things.csv"));
}

TEST_CASE("a job that is dropped or given up publishes nothing") {
    const temporary_folder folder;
    const auto what = writing(folder / "out.csv", 100);
    const auto how = weir::detail::plan_of(weir::batch{.chunk = 10});
    {
        weir::job running(what, how, weir::machine());
        running.advance(50);
        CHECK(folder.names().size() == 1);
        CHECK(folder.names().front().starts_with('.'));
        CHECK(weir::machine().list(folder / "*").empty());
        CHECK_THROWS_WITH(running.snapshot(), Catch::Contains("files belong to checkpoints"));
    }
    CHECK(folder.names().empty());
    weir::job running(what, how, weir::machine());
    running.run_to_end();
    running.finish(false);
    CHECK(folder.names().empty());
}

TEST_CASE("two runs at once do not disturb each other") {
    const temporary_folder folder;
    const auto what = writing(folder / "out.csv", 100);
    const auto how = weir::detail::plan_of(weir::batch{.chunk = 10});
    weir::job first(what, how, weir::machine());
    weir::job second(what, how, weir::machine());
    first.run_to_end();
    second.run_to_end();
    second.finish();
    const auto text = folder.read("out.csv");
    first.finish();
    CHECK(folder.read("out.csv") == text);
    CHECK(folder.names() == std::vector<std::string>{"out.csv"});
}

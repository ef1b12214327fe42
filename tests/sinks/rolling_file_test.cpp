// SPDX-License-Identifier: Apache-2.0
// Files by the wall clock, in virtual time, and a disk that fills up between two files.
#include <catch2/catch.hpp>

#include <weir/flow/explain.hpp>
#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/csv_rolling.hpp>
#include <weir/sinks/rolling_file.hpp>
#include <weir/sources/memory.hpp>
#include <weir/testing/simulation.hpp>

namespace {

using namespace std::chrono_literals;

struct item {
    std::uint64_t id = 0;
};
BOOST_DESCRIBE_STRUCT(item, (), (id))

// Time passes, and the disk is full, when a test says so.
class scripted_environment final : public weir::environment {
  public:
    std::chrono::nanoseconds now{0};
    bool full = false;

    std::chrono::nanoseconds ticks() override { return now; }
    std::uint64_t random() override { return inner_.random(); }
    std::unique_ptr<weir::input_file> open_input(const std::string& path) override { return inner_.open_input(path); }
    std::unique_ptr<weir::output_file> create_output(const std::string& path) override {
        if (full) throw weir::error(weir::error_kind::io, "cannot create '" + path + "': No space left on device");
        return inner_.create_output(path);
    }
    std::vector<std::string> list(const std::string& pattern) override { return inner_.list(pattern); }
    void publish(const std::string& from, const std::string& to) override { inner_.publish(from, to); }
    void remove(const std::string& path) override { inner_.remove(path); }
    void create_folder(const std::string& path) override { inner_.create_folder(path); }
    void drive(std::span<weir::worker_base* const> workers) override { inner_.drive(workers); }
    [[nodiscard]] const weir::testing::simulation& files() const { return inner_; }

  private:
    weir::testing::simulation inner_;
};

weir::graph rolled(const weir::roll_options& how) {
    const auto items = weir::generate(6, [](std::uint64_t i) { return item{i}; });
    return weir::graph("rolled", items | weir::into(weir::csv_rolling("out/*.csv", how)));
}

}  // namespace

TEST_CASE("a file that is old enough by the wall clock is closed when the next record comes") {
    scripted_environment where;
    const auto what = rolled({.wall_clock = 10s});
    CHECK(weir::explain(what).find("which file a record is in depends on when it came") != std::string::npos);
    weir::job running(what, weir::detail::plan_of(weir::event_loop{}), where);
    running.advance(2);
    where.now = 9s;
    running.advance(1);
    CHECK_FALSE(where.files().has_file("out/000001.csv"));
    where.now = 10s;
    running.advance(1);
    CHECK(where.files().file("out/000001.csv") == "id\n0\n1\n2\n");
    where.now = 100s;
    running.advance(10);
    running.finish();
    CHECK(where.files().file("out/000002.csv") == "id\n3\n");
    CHECK(where.files().file("out/000003.csv") == "id\n4\n5\n");
}

TEST_CASE("a disk that is full when a file begins ends the run and names the file") {
    scripted_environment where;
    weir::job running(rolled({.bytes = 6}), weir::detail::plan_of(weir::event_loop{}), where);
    running.advance(1);
    where.full = true;
    CHECK_THROWS_WITH(running.advance(5), Catch::Contains("csv_rolling sink 'out/000002.csv': cannot create") &&
                                              Catch::Contains("No space left on device"));
    running.finish(false);
    CHECK(where.files().file("out/000001.csv") == "id\n0\n1\n");
}

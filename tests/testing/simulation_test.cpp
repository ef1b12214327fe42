// SPDX-License-Identifier: Apache-2.0
#include <weir/testing/simulation.hpp>

#include <catch2/catch.hpp>
#include <functional>
#include <weir/base/error.hpp>

using namespace weir;
using namespace weir::testing;

namespace {

class scripted_worker final : public worker_base {
  public:
    explicit scripted_worker(std::function<step_result()> body) : body_(std::move(body)) {}
    step_result step() override { return body_(); }

  private:
    std::function<step_result()> body_;
};

// The order in which three workers of ten steps each are driven.
std::string schedule_of(std::uint64_t seed) {
    std::string order;
    std::vector<std::unique_ptr<scripted_worker>> workers;
    std::vector<worker_base*> driven;
    for (const char name : {'a', 'b', 'c'}) {
        workers.push_back(std::make_unique<scripted_worker>([name, &order, left = 10]() mutable {
            order += name;
            return --left == 0 ? step_result::finished : step_result::progressed;
        }));
        driven.push_back(workers.back().get());
    }
    simulation where(seed);
    where.drive(driven);
    CHECK(where.steps() == 30);
    return order;
}

}  // namespace

TEST_CASE("a simulation repeats itself by its seed", "[testing]") {
    CHECK(schedule_of(1) == schedule_of(1));
    CHECK(schedule_of(1) != schedule_of(2));
    simulation one(7), same(7);
    CHECK(one.random() == same.random());
    const auto before = one.ticks();
    CHECK(before < one.ticks());
    CHECK(one.seed() == 7);
}

TEST_CASE("a simulation finds that a run has stalled", "[testing]") {
    scripted_worker idle([] { return step_result::idle; });
    worker_base* const driven[] = {&idle};
    simulation where(3);
    CHECK_THROWS_WITH(where.drive(driven),
                      Catch::Contains("the run stalled: 1 of 1 workers") && Catch::Contains("seed 3"));
}

TEST_CASE("whoever waits for the clock is not taken for dead", "[testing]") {
    simulation where(3);
    const auto until = where.ticks() + std::chrono::milliseconds{50};
    scripted_worker waiting([&] { return where.ticks() < until ? step_result::idle : step_result::finished; });
    worker_base* const driven[] = {&waiting};
    CHECK_NOTHROW(where.drive(driven));
}

TEST_CASE("a worker's error ends a simulated run", "[testing]") {
    scripted_worker failing([]() -> step_result { throw error(error_kind::user, "no"); });
    worker_base* const driven[] = {&failing};
    simulation where;
    CHECK_THROWS_WITH(where.drive(driven), "no");
}

TEST_CASE("files live in memory", "[testing]") {
    simulation where;
    where.put_file("in/b.csv", "bb");
    where.put_file("in/a.csv", "aaa");
    where.put_file("in/deep/c.csv", "c");
    CHECK(where.list("in/*.csv") == std::vector<std::string>{"in/a.csv", "in/b.csv"});
    CHECK(where.list("in/?.csv") == std::vector<std::string>{"in/a.csv", "in/b.csv"});
    CHECK(where.list("other.csv") == std::vector<std::string>{"other.csv"});
    auto reading = where.open_input("in/a.csv");
    char block[2];
    CHECK(reading->read(block) == 2);
    CHECK(reading->read(block) == 1);
    CHECK(reading->read(block) == 0);
    reading->seek(1);
    CHECK(reading->read(block) == 2);
    auto writing = where.create_output("out.tmp");
    writing->write("one");
    writing->sync();
    CHECK(where.file("out.tmp") == "one");
    where.publish("out.tmp", "out.csv");
    CHECK_FALSE(where.has_file("out.tmp"));
    CHECK(where.file("out.csv") == "one");
    const auto known = where.status_of("out.csv");
    REQUIRE(known.has_value());
    where.append_to_file("out.csv", " and two");
    CHECK(where.status_of("out.csv")->identity == known->identity);
    CHECK(where.status_of("out.csv")->size == 11);
    where.overwrite_file("out.csv", "three");
    CHECK(where.file("out.csv") == "three");
    CHECK(where.open_input("out.csv")->status().identity == known->identity);
    where.put_file("out.csv", "four");
    CHECK_FALSE(where.status_of("out.csv")->identity == known->identity);
    where.remove("out.csv");
    CHECK_FALSE(where.status_of("out.csv").has_value());
    where.create_folder("anywhere");
    CHECK_THROWS_WITH(where.open_input("out.csv"), Catch::Contains("cannot open 'out.csv'"));
    CHECK_THROWS_AS(where.publish("out.csv", "x"), error);
    CHECK_THROWS_AS(where.file("out.csv"), error);
}

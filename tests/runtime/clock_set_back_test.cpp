// SPDX-License-Identifier: Apache-2.0
// The time of day may be set back, between runs and while one goes on: checkpoints are told by their epochs, intervals
// are measured by a clock that is never set, so outputs, epochs and what is gone on with are what they are without.
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <vector>

#include <weir/aggregates/count.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/window.hpp>
#include <weir/runtime/checkpoint_store.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sinks/csv_rolling.hpp>
#include <weir/sources/csv.hpp>
#include <weir/sources/wall_clock_timer.hpp>
#include <weir/testing/simulation.hpp>

using namespace std::chrono_literals;
using namespace weir;
using testing::simulated_disk;
using testing::simulation;

namespace clock_set_back_test {
struct payment {
    std::uint64_t id = 0;
    std::uint32_t card = 0;
    timestamp at{};
};
BOOST_DESCRIBE_STRUCT(payment, (), (id, card, at))
}  // namespace clock_set_back_test
using namespace clock_set_back_test;

namespace {

constexpr std::uint64_t payments = 12'000;

std::string input() {
    std::string text = "id,card,at\n";
    csv_encoder<payment> encoder({}, {});
    for (std::uint64_t i = 0; i < payments; ++i) {
        const auto time = static_cast<std::int64_t>(i * 1000 + mix_bits(i) % 5000);
        encoder.append(text, payment{i, static_cast<std::uint32_t>(mix_bits(i) % 7),
                                     timestamp{std::chrono::milliseconds{time}}});
    }
    return text;
}

// When a run is told something: the record at which that happens.
struct moments {
    std::uint64_t clock = payments, save = payments, stop = payments;
};

graph job(simulation& where, const moments& when, std::chrono::nanoseconds set_by, std::atomic<bool>& save,
          std::atomic<bool>& stop) {
    const auto looked_at = [&where, &save, &stop, when, set_by](const payment& each) {
        if (each.id == when.clock) where.set_clock_by(set_by);
        if (each.id == when.save) save = true;
        if (each.id == when.stop) stop = true;
        return true;
    };
    const auto windows = csv_files<payment>("in.csv") | filter(looked_at) |
                         named("payments", event_time(&payment::at, out_of_order(5s))) | key_by(&payment::card) |
                         window(tumbling(10s)) | named("windows", aggregate(count(), sum(&payment::id)));
    const roll_options roll{.wall_clock = 100us, .every_epoch = true};
    return graph("clocked", windows | named("whole", into(csv("whole.csv"))),
                 windows | named("rolled", into(csv_rolling("rolled-*.csv", roll))),
                 wall_clock_timer(10us, {.count = 100}) | named("ticks", into(csv("ticks.csv"))));
}

struct outcome {
    std::map<std::string, std::string> files;
    std::vector<std::uint64_t> resumed;  // epochs, of each run
    std::vector<std::uint64_t> newest;   // left by each run
    std::vector<timestamp> taken;        // when the newest was, by the clock of then
};

// Some runs, one after the other, on one disk; each is another process, and the machine may have been started again.
template <class Runner> outcome play(Runner how, std::chrono::nanoseconds set_by) {
    outcome all;
    simulated_disk disk(1);
    disk.put_file("in.csv", input());
    std::chrono::nanoseconds clock = 10h;
    const auto run_once = [&](std::uint64_t seed, const moments& when) {
        simulation where(seed, std::move(disk));
        where.set_clock_by(clock);
        std::atomic<bool> save{false};
        std::atomic<bool> stop{false};
        how.tuning.stop = &stop;
        how.checkpoint.every = 20us;
        how.checkpoint.directory = "state";
        how.checkpoint.savepoint = &save;
        const run_report report = run(job(where, when, set_by, save, stop), how, where);
        CHECK(report.balanced());
        std::vector<std::string> problems;
        const auto left = list_checkpoints(where, "state", problems);
        CHECK(problems.empty());
        REQUIRE(!left.empty());
        CHECK(std::is_sorted(left.begin(), left.end(), [](const auto& a, const auto& b) { return a.epoch > b.epoch; }));
        all.resumed.push_back(report.checkpoints->resumed_from);
        all.newest.push_back(left.front().epoch);
        all.taken.push_back(left.front().taken_at);
        clock += set_by;
        for (const std::string& path : where.list("*.csv")) all.files[path] = where.file(path);
        disk = std::move(where.disk());
        return report.reached_end;
    };
    const moments each[]{{.clock = 1'000, .save = 1'500, .stop = 2'000},
                         {.clock = 5'000, .save = 5'500, .stop = 6'000},
                         {.clock = 8'000, .stop = 9'000},
                         {.clock = 11'000}};
    std::uint64_t seed = 0;
    for (const moments& when : each) {
        if (run_once(++seed, when)) break;
    }
    CHECK(seed == std::size(each));
    return all;
}

template <class Runner> void check(const Runner& how) {
    const outcome expected = play(how, 0s);
    CHECK(expected.files.size() > 5);
    for (const std::chrono::nanoseconds set_by : {-1h, 1h}) {
        CAPTURE(set_by.count());
        const outcome found = play(how, set_by);
        CHECK((found.files == expected.files));
        CHECK(found.resumed == expected.resumed);
        CHECK(found.newest == expected.newest);
        for (std::size_t i = 1; i < found.resumed.size(); ++i) {
            CHECK(found.resumed[i] == found.newest[i - 1]);
            CHECK(found.newest[i] > found.newest[i - 1]);
            CHECK((found.taken[i] < found.taken[i - 1]) == (set_by < 0s));  // it has been set
        }
    }
}

}  // namespace

TEST_CASE("a clock that is set back or on changes no output and no epoch", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    CAPTURE(threads);
    check(event_loop{.threads = threads});
    check(micro_batch{.every = 10us, .threads = threads});
    check(batch{.threads = threads, .chunk = 64});
}

TEST_CASE("the newest savepoint is that of the highest epoch, whatever the clock said", "[runtime]") {
    simulation where(1);
    where.put_file("in.csv", input());
    where.set_clock_by(10h);
    std::atomic<bool> save{false};
    std::atomic<bool> stop{false};
    const auto run_in = [&](const moments& when, const std::string& folder, const std::string& from) {
        stop = false;
        const event_loop how{.tuning = {.stop = &stop},
                             .checkpoint = {.every = 1h, .directory = folder, .from = from, .savepoint = &save}};
        const run_report report = run(job(where, when, -1h, save, stop), how, where);
        return *report.checkpoints;
    };
    static_cast<void>(run_in({.save = 100, .stop = 300}, "state", ""));
    static_cast<void>(run_in({.clock = 400, .save = 500, .stop = 600}, "state", ""));
    std::vector<std::string> problems;
    std::vector<checkpoint_info> savepoints;
    for (const checkpoint_info& each : list_checkpoints(where, "state", problems)) {
        if (each.savepoint) savepoints.push_back(each);
    }
    REQUIRE(savepoints.size() >= 2);
    CHECK(savepoints.front().taken_at < savepoints.back().taken_at);
    CHECK(savepoints.front().epoch > savepoints.back().epoch);
    CHECK(run_in({}, "other", "state").resumed_from == savepoints.front().epoch);
}
